"""Triggers whose evidence is no loss: orders without an answer, exposure, errors, drift, keys, and
markets that are calm again."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from pytest_django import Settings

from apps.brokers.models import BrokerAccount
from apps.events.models import Event
from apps.execution import recovery
from apps.execution.models import Order, OrderEvent, Position
from apps.execution.services import evidence, exposing, halting, stuck
from apps.market.models import MarketClock
from apps.risk import services as risk
from apps.risk.models import KillSwitch, VenueError
from apps.risk.services import Found
from apps.strategies.models import StrategyVersion
from tests import fakes
from tests.fakes import HOUR, JUMP, MINUTE, MONDAY, QUIET, World, world
from trading.gates.codes import GateCode
from trading.gates.triggers import OF_GATES, trigger
from trading.gates.values import TradingState

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def lab_of_the_file(rows_of_the_file: None) -> World:
    return world()


@pytest.fixture
def live(lab: World) -> BrokerAccount:
    BrokerAccount.objects.update(mode="live")
    return BrokerAccount.objects.get()


@pytest.mark.parametrize(
    ("minutes", "told", "tripped"), [(4.9, 0, 0), (5.1, 1, 0), (14.9, 1, 0), (15.1, 1, 1)]
)
def test_an_order_without_an_answer_is_told_of_and_then_stops_its_account(
    lab: World, minutes: float, told: int, tripped: int
) -> None:
    _unanswered(lab, minutes)

    assert stuck.watch_unanswered(timezone.now()) == tripped
    assert stuck.watch_unanswered(timezone.now()) == 0

    assert Event.objects.filter(kind="order.stuck").count() == told
    assert OrderEvent.objects.filter(reason="STUCK").count() == told
    assert KillSwitch.objects.filter(cause="stuck_orders", account=lab.account).count() == tripped


def test_what_was_answered_in_the_end_is_not_stuck(lab: World) -> None:
    lab.play(*QUIET, JUMP, first=MONDAY)
    Order.objects.update(submitted_at=timezone.now() - HOUR)

    recovery.sweep()

    assert Order.objects.get().status == "accepted"
    assert not Event.objects.filter(kind="order.stuck").exists()
    assert not KillSwitch.objects.exists()


@pytest.mark.logs_errors
def test_the_exposure_of_all_stops_the_platform_where_the_operator_says_so(
    lab: World, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    lab.play(*QUIET, JUMP, "102.5", first=MONDAY)
    share = exposing.exposures(lab.account.mode)["USD"]  # type: ignore[arg-type]
    assert Decimal("0.02") < share < Decimal("0.03")
    assert exposing.watch_exposure(MONDAY) == 0  # paper accounts bound nothing unless asked to

    warns = {"AUTOMATIC_EXPOSURE_PAPER": Decimal("0.03"), "AUTOMATIC_EXPOSURE_ALERT": share}
    settings.AUTOMATIC = {**settings.AUTOMATIC, **warns}
    assert exposing.watch_exposure(MONDAY) == 0
    assert "is exposed" in caplog.text

    settings.AUTOMATIC = {**settings.AUTOMATIC, "AUTOMATIC_EXPOSURE_PAPER": share}
    assert exposing.watch_exposure(MONDAY) == 1
    switch = KillSwitch.objects.get()
    assert (switch.scope, switch.cause) == ("platform", "platform_exposure")
    assert exposing.watch_exposure(MONDAY) == 0


def test_what_waits_for_an_answer_is_left_alone_for_an_hour_after_a_person_let_it_go(
    lab: World,
) -> None:
    _unanswered(lab, 16)
    stuck.watch_unanswered(timezone.now())

    _let_go()
    _unheard(16)  # its cancellation was answered neither
    assert stuck.watch_unanswered(timezone.now()) == 0

    KillSwitch.objects.update(reset_at=timezone.now() - HOUR)
    assert stuck.watch_unanswered(timezone.now()) == 1


def test_an_exposure_is_left_alone_for_an_hour_after_a_person_let_it_go(
    lab: World, settings: Settings
) -> None:
    lab.play(*QUIET, JUMP, "102.5", first=MONDAY)
    settings.AUTOMATIC = {**settings.AUTOMATIC, "AUTOMATIC_EXPOSURE_PAPER": Decimal("0.01")}
    exposing.watch_exposure(timezone.now())

    _let_go()
    assert exposing.watch_exposure(timezone.now()) == 0

    KillSwitch.objects.update(reset_at=timezone.now() - HOUR)
    assert exposing.watch_exposure(timezone.now()) == 1


def test_errors_within_the_window_stop_the_person_until_somebody_resets_it(
    lab: World, live: BrokerAccount
) -> None:
    at = MONDAY
    for minute in (0, 3, 6, 9):
        assert _error(live, minute) == 0
    assert _error(live, 11) == 0  # the first has left the window of ten minutes

    assert _error(live, 12) == 1

    switch = KillSwitch.objects.get()
    assert (switch.user, switch.cause, switch.expires_at) == (lab.alice, "api_errors", None)
    risk.reset_one(switch, by="olga", reason="the venue is back", now=at)
    assert _error(live, 12) == 0
    assert VenueError.objects.filter(is_settled=True).count() == 6


@pytest.mark.parametrize(
    ("ours", "theirs", "tripped"),
    [("100", "99", 0), ("100", "98.99", 1), ("0", "1", 1), ("0", "0", 0)],
)
def test_holdings_that_differ_stop_the_account(
    lab: World, ours: str, theirs: str, tripped: int
) -> None:
    said = evidence.holds_otherwise(
        lab.account, ours=Decimal(ours), theirs=Decimal(theirs), at=MONDAY
    )

    assert said == KillSwitch.objects.filter(cause="reconciliation_drift").count() == tripped


def test_a_key_that_gained_a_right_stops_the_account(lab: World) -> None:
    def may(*rights: str) -> int:
        return evidence.key_may(lab.account, now_may=rights, may_only=["read", "trade"], at=MONDAY)

    assert may("read") == may("trade", "read") == 0
    assert may("read", "trade", "withdraw") == 1

    switch = KillSwitch.objects.get()
    assert (switch.account, switch.cause) == (lab.account, "key_permissions")
    assert "withdraw" in switch.reason


@pytest.mark.parametrize("is_followed", [True, False])
def test_a_black_swan_goes_after_a_day_at_an_hour_that_is_calm(
    lab: World, is_followed: bool
) -> None:
    """Though no strategy looks at it any more: the platform does."""
    MarketClock.objects.update(feed="synthetic")
    StrategyVersion.objects.update(is_active=is_followed)
    swan = trigger(OF_GATES[GateCode.BLACK_SWAN], "96", "95")
    halting.trip_found([Found(swan, lab.instrument.pk)], clock="lab", at=MONDAY)
    switch = KillSwitch.objects.get()
    assert (switch.instrument, switch.state) == (lab.instrument, TradingState.HALTED)
    tuesday = MONDAY + timedelta(days=1)
    before = [100 + number % 2 / 5 for number in range(700)]
    closes = [*before, *[100.0] * 24, 130.0, *[100.0] * 24]
    fakes.hours(lab.instrument, closes, tuesday + 24 * HOUR)

    _close(lab, tuesday - HOUR)  # calm, but too early
    assert _still_stopped()
    _close(lab, tuesday)  # late enough, and wild
    assert _still_stopped()
    _close(lab, tuesday + 24 * HOUR - MINUTE)  # calm, but no hour is over
    assert _still_stopped()
    _close(lab, tuesday + 24 * HOUR)

    switch = KillSwitch.objects.get()
    assert (switch.reset_by, switch.reset_reason) == (
        "automatic", "Its volatility is no longer that of a black swan.",
    )  # fmt: skip


def test_a_black_swan_of_which_no_candle_has_closed_stays(lab: World) -> None:
    """What was calm when the last one closed may be anything by now."""
    MarketClock.objects.update(feed="synthetic")
    swan = trigger(OF_GATES[GateCode.BLACK_SWAN], "96", "95")
    halting.trip_found([Found(swan, lab.instrument.pk)], clock="lab", at=MONDAY)
    tuesday = MONDAY + timedelta(days=1)
    fakes.hours(lab.instrument, [100 + number % 2 / 5 for number in range(700)], tuesday - HOUR)

    _close(lab, tuesday)

    assert _still_stopped()


def test_a_black_swan_whose_volatility_nobody_knows_stays(lab: World) -> None:
    swan = trigger(OF_GATES[GateCode.BLACK_SWAN], "96", "95")
    halting.trip_found([Found(swan, lab.instrument.pk)], clock="lab", at=MONDAY)

    lab.play("100", "100", first=MONDAY + timedelta(days=2))

    assert _still_stopped()


def _let_go() -> None:
    switch = KillSwitch.objects.get()
    risk.reset_one(switch, by="olga", reason="we know of it", now=timezone.now())


def _close(lab: World, at: datetime) -> None:
    """The minute that ends then, alone."""
    lab.play("100", first=at - MINUTE)


def _still_stopped() -> bool:
    return KillSwitch.objects.filter(cause="black_swan", reset_at=None).exists()


def _error(account: BrokerAccount, minute: int) -> int:
    at = MONDAY + minute * MINUTE
    return evidence.record_error(account, code="unavailable", at=at, now=at)


def _unanswered(lab: World, minutes: float) -> None:
    """As it is when a venue took the request and never said anything: an old row."""
    lab.play(*QUIET, JUMP, first=MONDAY)
    _unheard(minutes)
    assert not Position.objects.exists()


def _unheard(minutes: float) -> None:
    then = timezone.now() - timedelta(minutes=minutes)
    Order.objects.update(status="submitted", submitted_at=then)
    OrderEvent.objects.filter(new_status="submitted").update(recorded_at=then)
