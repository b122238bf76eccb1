"""The page that says what would come of an order, without JavaScript."""

from decimal import Decimal

import pytest
from django.test import Client

from apps.execution.models import Order
from apps.execution.services import by_hand
from apps.execution.services.tickets import Ticket
from apps.risk.models import Decision
from apps.strategies.models import Signal, StrategySubscription
from tests import fakes
from tests.dashboard.reading import text
from tests.fakes import MINUTE, MONDAY, QUIET, World
from trading.signals import Side

PAGE = "/what-if/"


def typed(lab: World, **fields: str) -> dict[str, str]:
    said = {"account": str(lab.account.pk), "symbol": "btc-usd", "side": "buy", "amount": "2500",
            "of": "worth"}  # fmt: skip
    return {**said, **fields}


@pytest.fixture(autouse=True)
def priced(lab: World) -> None:
    lab.play(*QUIET, first=MONDAY)


def test_the_limits_page_leads_to_it_and_it_asks(alice: Client) -> None:
    assert f'href="{PAGE}"' in alice.get("/limits/").content.decode()
    shown = text(alice.get(PAGE))
    assert "Nothing is ordered, and nothing is written." in shown
    assert "Paper (paper)" in shown


def test_it_says_what_every_gate_would_answer(lab: World, alice: Client) -> None:
    answer = alice.post(PAGE, typed(lab, stop_price="95"))
    assert answer.status_code == 200
    shown = text(answer)
    assert "ORDERED" in shown
    assert "Buy 25 BTC-USD: it would be ordered" in shown
    assert ", 0 refused; " in shown
    assert "Size as asked for Passed" in shown
    assert not Order.objects.exists()
    assert not Decision.objects.exists()
    assert not Signal.objects.filter(source="manual").exists()
    assert not StrategySubscription.objects.filter(is_by_hand=True).exists()


def test_above_a_cap_it_says_which(lab: World, alice: Client) -> None:
    shown = text(alice.post(PAGE, typed(lab, amount="90", of="units")))
    assert "DENIED · NOTIONAL_EXCEEDS_MAX_PER_ORDER" in shown
    assert "Buy 90 BTC-USD: it would be denied" in shown
    assert "Order of 9,000.00 USD, at most 5,000.00 USD (set by the capital tier)." in shown
    assert "Size 90, at most 30 (" in shown


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"symbol": "DOGE-MOON"}, "SYMBOL_UNKNOWN: there is no DOGE-MOON at Lab."),
        ({"amount": ""}, "This field is required."),
        ({"amount": "NaN"}, "Type a number above 0."),
        ({"amount": "0"}, "greater than or equal to"),
        ({"amount": "0.001"}, "QUANTITY_BELOW_MINIMUM"),
        ({"stop_price": "101"}, "TICKET_NOT_USABLE: The stop 101 is on the wrong side of 100"),
        ({"amount": "1000000000000", "limit_price": "0.000000001"}, "TICKET_NOT_USABLE: It is"),
        ({"side": "hold"}, "Select a valid choice."),
    ],
    ids=str,
)
def test_what_cannot_be_asked_is_said(
    lab: World, alice: Client, fields: dict[str, str], said: str
) -> None:
    answer = alice.post(PAGE, typed(lab, **fields))
    assert answer.status_code == 400
    assert said in text(answer)


def test_the_account_of_another_cannot_be_chosen(lab: World, client: Client) -> None:
    bob = fakes.user("bob")
    client.force_login(bob)
    assert "You have no account yet" in text(client.get(PAGE))
    fakes.account(bob, lab.venue, name="Bob's")
    answer = client.post(PAGE, typed(lab))
    assert answer.status_code == 400
    assert "Select a valid choice." in text(answer)


def test_what_is_traded_by_hand_is_shown_and_followed_by_nobody(lab: World, alice: Client) -> None:
    by_hand.place(Ticket(lab.account, lab.instrument, Side.BUY, Decimal(25)), key="one")
    lab.play("100", first=MONDAY + 4 * MINUTE)
    shown = text(alice.get("/"))
    assert "By hand" in shown
    by_hand.place(Ticket(lab.account, lab.instrument, Side.SELL, Decimal(25)), key="two")
    lab.play("100", first=MONDAY + 5 * MINUTE)
    shown = text(alice.get("/"))
    assert "SMA crossover looks at BTC-USD every minute." in shown
    assert "By hand looks at" not in shown
    # What it cost is in the figures: five in fees of 2,500 bought and sold.
    assert "-5.00" in shown
