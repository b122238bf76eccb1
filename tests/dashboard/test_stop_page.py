"""The red button, and the page behind it, without JavaScript."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from apps.execution.models import Order, Position
from apps.execution.services import halting
from apps.risk.models import KillSwitch
from apps.risk.sayings import in_currency
from apps.risk.services import Found
from tests import fakes
from tests.dashboard.reading import text
from tests.fakes import HOUR, JUMP, MONDAY, QUIET, World, world
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
    lab.play(*QUIET, JUMP, "102.5", first=MONDAY)
    alice.post(STOP, SAID)
    assert "Close your positions too" in text(alice.get(STOP))
    shown = text(_press(alice))
    assert "Close your positions too" not in shown
    assert KillSwitch.objects.get(reset_at=None).state == TradingState.LIQUIDATING


def test_who_has_stopped_and_holds_nothing_is_offered_nothing_to_close(
    lab: World, alice: Client
) -> None:
    shown = text(alice.post(STOP, SAID, follow=True))
    assert "Your trading is stopped" in shown
    assert "Close" not in shown


def test_while_entries_wait_for_a_venue_the_positions_may_be_closed_too(
    lab: World, alice: Client
) -> None:
    lab.play(*QUIET, JUMP, first=MONDAY)
    Order.objects.update(mode="live")  # no paper venue answers the cancel
    waits = alice.post(STOP, SAID, follow=True)
    assert 'http-equiv="refresh"' in waits.content.decode()
    assert 'href="?more"' in waits.content.decode()

    asked = alice.get(f"{STOP}?more")

    assert 'http-equiv="refresh"' not in asked.content.decode()
    assert "Close your positions too" in text(asked)


@pytest.mark.parametrize(
    ("state", "ends"),
    [
        (TradingState.REDUCING, None),
        (TradingState.REDUCING, HOUR),
        (TradingState.HALTED, HOUR),
        (TradingState.HALTED, None),
    ],
)
def test_whom_staff_have_stopped_may_stop_and_keep_what_they_hold(
    lab: World, alice: Client, state: TradingState, ends: timedelta | None
) -> None:
    lab.play(*QUIET, JUMP, "102.5", first=MONDAY)
    now = timezone.now()
    halting.trip(
        by="olga", reason="odd orders", now=now, state=state, user=lab.alice,
        expires_at=None if ends is None else now + ends,
    )  # fmt: skip

    shown = text(_press(alice))

    staffs, hers = KillSwitch.objects.filter(reset_at=None).order_by("id")
    assert (staffs.state, staffs.tripped_by, staffs.is_own) == (state, "olga", False)
    assert (hers.state, hers.expires_at, hers.tripped_by, hers.is_own) == (
        TradingState.HALTED,
        None,
        lab.alice.email,
        True,
    )
    assert "Your trading is stopped" in shown
    assert Position.objects.get().quantity > 0


def _press(client: Client) -> Any:
    """The button of the form as it is shown, boxes left as they are."""
    page = client.get(STOP).content.decode()
    form = page[page.index('class="stopping"') :]
    hidden = re.findall(r'type="hidden" name="(\w+)" value="(\w+)"', form)
    return client.post(STOP, {**dict(hidden), **SAID}, follow=True)


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
    lost = trigger(OF_GATES[GateCode.ACCOUNT_DAILY_LOSS], "0.031205", "0.03", in_currency("USD"))
    swan = trigger(OF_GATES[GateCode.BLACK_SWAN], "96", "95")
    found = [Found(lost, lab.account.pk), Found(swan, lab.instrument.pk)]
    halting.trip_found(found, clock=lab.venue.code, at=MONDAY)

    shown = text(alice.get(path))

    assert "Trading on your account Paper is stopped" in shown
    assert (
        "Automatically (daily loss), 1 Jun 2026, 00:00 UTC, market time at Lab: “The account has "
        "lost 3.12 % today; it stops at 3 %” until 2 Jun 2026, 00:00 UTC, market "
        "time at Lab. Who"
    ) in shown
    assert "Automatically (black swan), 1 Jun 2026, 00:00 UTC, market time at Lab" in shown
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
