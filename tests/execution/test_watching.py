"""A stop that is lost is noticed, told of once and written again. What follows where it will not
stand: test_rungs.py."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.utils import timezone

from apps.common import metrics
from apps.events.models import Event
from apps.execution import recovery
from apps.execution.models import Exit, NakedSpell, Order, Position, Trade
from apps.execution.protected import protections
from apps.execution.services.watching import keep_protected
from apps.market.models import MarketClock
from apps.risk import services as risk
from tests import fakes
from tests.fakes import MINUTE, MONDAY, World, world
from trading.protected import ProtectionState

pytestmark = pytest.mark.django_db

HELD = Decimal("24.5098")
STOP = Decimal("99.96")
AFTER = timedelta(seconds=15)


@pytest.fixture(scope="module")
def lab_of_the_file(rows_of_the_file: None) -> World:
    made = world()
    made.play(*fakes.QUIET, fakes.JUMP, "103", first=MONDAY)
    return made


@pytest.fixture
def now() -> datetime:
    return timezone.now()


def _lose_the_stop(**how: str) -> None:
    standing = Order.objects.filter(leg="stop", status="accepted")
    assert standing.update(**{"status": "canceled", "reason": "BY_HAND", **how}) == 1


def _state() -> ProtectionState:
    (found,) = protections(Position.objects.all()).values()
    return found.state


def _naked_for() -> float:
    (metric,) = metrics.NAKED_SECONDS.collect()
    return float(metric.samples[0].value)


def test_what_is_well_is_left_alone(lab: World, now: datetime) -> None:
    assert keep_protected(now) == keep_protected(now + AFTER) == 0
    assert not NakedSpell.objects.exists()
    assert not Exit.objects.exists()


def test_a_lost_stop_is_told_once_and_written_again(lab: World, now: datetime) -> None:
    _lose_the_stop()

    assert keep_protected(now) == 0
    assert keep_protected(now + AFTER - timedelta(seconds=1)) == 0
    assert not Event.objects.filter(kind="position.naked").exists()
    assert keep_protected(now + AFTER) == 1
    assert _naked_for() == AFTER.total_seconds()
    assert keep_protected(now + AFTER) == 0  # it is on its way: not another
    recovery.sweep()

    assert _state() is ProtectionState.VENUE_STOP
    stop = Order.objects.get(leg="stop", status="accepted")
    assert (stop.quantity, stop.trigger_price, stop.reduce_only) == (HELD, STOP, True)
    assert stop.oco_group == Order.objects.get(leg="target").oco_group
    told = Event.objects.get(kind="position.naked")
    assert (told.user_id, told.payload["quantity"]) == (lab.alice.pk, "24.5098")
    keep_protected(now + 2 * AFTER)
    assert NakedSpell.objects.get().ended_at is not None
    assert _naked_for() == 0
    assert Event.objects.filter(kind="position.naked").count() == 1
    call_command("check_protection")


def test_the_stop_that_was_written_again_closes_the_position(lab: World, now: datetime) -> None:
    _lose_the_stop()
    keep_protected(now)
    keep_protected(now + AFTER)
    recovery.sweep()

    lab.play(("101", "101", "98", "98"), first=MONDAY + 6 * MINUTE)

    assert Trade.objects.get().exit_reason == "stop"
    assert not Order.objects.filter(status="accepted").exists()
    call_command("check_ledger")
    call_command("check_protection")


def test_the_attempts_to_leave_are_capped(lab: World, now: datetime) -> None:
    _lose_the_stop()
    Order.objects.filter(leg="entry").update(side="sell")  # nothing is known of its plan
    keep_protected(now)
    for number in range(1, 8):
        keep_protected(now + number * AFTER)
        Order.objects.filter(leg="exit").update(status="rejected", reason="REFUSED")
        MarketClock.objects.update(now=MONDAY + (6 + number) * MINUTE)

    assert [row.attempt for row in Exit.objects.order_by("id")] == [0, 1, 2]
    assert Event.objects.filter(kind="position.naked").count() == 1


@pytest.mark.parametrize("quantity", ["20", "30"])
def test_a_stop_of_another_size_is_corrected_at_once(
    lab: World, now: datetime, quantity: str
) -> None:
    Order.objects.filter(leg__in=["stop", "target"]).update(quantity=quantity)

    assert keep_protected(now) == 2

    assert set(
        Order.objects.filter(leg__in=["stop", "target"]).values_list("quantity", flat=True)
    ) == {HELD}
    assert keep_protected(now) == 0
    assert not NakedSpell.objects.exists()


def test_naked_by_choice_alarms_nobody(lab: World, now: datetime) -> None:
    _lose_the_stop()
    Order.objects.filter(leg="entry").update(stop_price=None)

    assert keep_protected(now) == keep_protected(now + AFTER) == 0

    assert _state() is ProtectionState.NAKED
    assert not NakedSpell.objects.exists()
    assert not Event.objects.filter(kind="position.naked").exists()


def test_a_halt_does_not_keep_a_stop_from_being_written(lab: World, now: datetime) -> None:
    risk.trip(by="olga", reason="drill", now=MONDAY)
    _lose_the_stop()
    keep_protected(now)
    keep_protected(now + AFTER)
    recovery.sweep()

    assert _state() is ProtectionState.VENUE_STOP
