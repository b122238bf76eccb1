"""The red button, and the page behind it, without JavaScript."""

import pytest
from django.test import Client

from apps.execution.models import Order, Position
from apps.execution.services import halting
from apps.risk.models import KillSwitch
from apps.risk.services import Found
from tests import fakes
from tests.dashboard.reading import text
from tests.fakes import JUMP, MONDAY, QUIET, World, world
from trading.gates.codes import GateCode
from trading.gates.triggers import OF_GATES, trigger
from trading.gates.values import TradingState

STOP = "/stop/"
SAID = {"reason": "too wild", "confirm": "STOP"}

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def lab_of_the_file(rows_of_the_file: None) -> World:
    return world()


@pytest.fixture
def alice(client: Client, lab: World) -> Client:
    client.force_login(lab.alice)
    return client


@pytest.mark.parametrize("path", ["/", "/allocation/", "/backtests/", "/performance/", STOP])
def test_every_page_has_the_button(alice: Client, path: str) -> None:
    assert f'href="{STOP}"' in alice.get(path).content.decode()


def test_it_stops_ones_own_trading_and_says_how_far_it_has_come(lab: World, alice: Client) -> None:
    bob = fakes.user("bob")
    fakes.subscribe(bob, lab.version, fakes.account(bob, lab.venue))
    lab.play(*QUIET, JUMP, first=MONDAY)

    shown = text(alice.post(STOP, SAID, follow=True))

    assert "Your trading is stopped" in shown
    assert "alice@example.com" in shown
    assert "“too wild”" in shown
    assert "Who may reset it: an operator" in shown
    assert "Entries that had to end 1 Cancelled 1" in shown
    assert "Done: everything that had to end has ended" in shown
    assert KillSwitch.objects.get().source == "manual"
    assert Order.objects.get(user=lab.alice).status == "canceled"
    assert Order.objects.get(user=bob).status == "accepted"


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ({**SAID, "confirm": "yes"}, "Type STOP"),
        ({**SAID, "confirm": ""}, "Type STOP"),
        ({**SAID, "reason": " "}, "Say why"),
    ],
)
def test_a_slip_of_the_hand_stops_nothing(
    alice: Client, said: dict[str, str], problem: str
) -> None:
    assert problem in text(alice.post(STOP, said))
    assert not KillSwitch.objects.exists()


def test_the_page_is_read_again_until_the_positions_are_closed(lab: World, alice: Client) -> None:
    after = lab.play(*QUIET, JUMP, "102.5", first=MONDAY)

    page = alice.post(STOP, {**SAID, "close_positions": "on"}, follow=True)
    assert 'http-equiv="refresh"' in page.content.decode()
    assert "Positions to close 1 Not closed yet 1" in text(page)
    assert "USD" in text(page)
    lab.play("102.6", "102.7", first=after)

    page = alice.get(STOP)
    assert 'http-equiv="refresh"' not in page.content.decode()
    assert "Positions to close 1 Not closed yet 0" in text(page)
    assert Position.objects.get().quantity == 0


def test_who_has_stopped_may_close_their_positions_too(lab: World, alice: Client) -> None:
    alice.post(STOP, SAID)
    assert "Close your positions too" in text(alice.get(STOP))
    shown = text(alice.post(STOP, {**SAID, "close_positions": "on"}, follow=True))
    assert "Close your positions too" not in shown
    assert KillSwitch.objects.get(reset_at=None).state == TradingState.LIQUIDATING


def test_what_others_have_stopped_is_told_too(lab: World, alice: Client) -> None:
    halting.trip(
        by="olga", reason="odd prices", now=MONDAY, state=TradingState.HALTED, venue=lab.venue
    )
    shown = text(alice.get(STOP))
    assert "Trading at Lab is stopped" in shown
    assert "Stop your trading" in shown
    assert "Trading at Lab is stopped" in text(alice.get("/"))


@pytest.mark.parametrize("path", ["/", STOP])
def test_what_tripped_by_itself_says_why_and_when_it_clears(
    lab: World, alice: Client, path: str
) -> None:
    lost = trigger(OF_GATES[GateCode.ACCOUNT_DAILY_LOSS], "3120.5", "3000")
    swan = trigger(OF_GATES[GateCode.BLACK_SWAN], "96", "95")
    found = [Found(lost, lab.account.pk), Found(swan, lab.instrument.pk)]
    halting.trip_found(found, clock=lab.venue.code, at=MONDAY)

    shown = text(alice.get(path))

    assert "Trading on your account Paper is stopped" in shown
    assert "Automatically (daily loss)" in shown
    assert "“The account has lost 3120.5 today; it stops at 3000.” until 2 Jun" in shown
    assert "Automatically (black swan)" in shown
    assert "It clears by itself at a close at least 24 hours later" in shown


def test_a_persons_stop_stands_beside_one_that_tripped_by_itself(lab: World, alice: Client) -> None:
    errors = trigger(OF_GATES[GateCode.API_ERRORS], "5", "5")
    halting.trip_found([Found(errors, lab.alice.pk)], clock=lab.venue.code, at=MONDAY)

    alice.post(STOP, SAID)

    tripped = KillSwitch.objects.filter(user=lab.alice, reset_at=None)
    assert sorted(tripped.values_list("source", "expires_at")) == [
        ("automatic", None),
        ("manual", None),
    ]
