"""Approvals at a venue that keeps the wall's time: whoever should move its clock, what waits
expires by it, and nothing is bought at a price from before it was approved."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from apps.common.errors import Conflict
from apps.events.models import Event
from apps.execution import recovery
from apps.execution.approvals import approvals as approvals_of
from apps.execution.approvals import asked as as_asked
from apps.execution.approvals import still_waiting
from apps.execution.models import Approval, Fill, Order
from apps.execution.services.approving import approve, decline
from apps.market.models import MarketClock
from apps.risk.models import Decision
from apps.strategies import services as strategies
from tests.fakes import (
    JUMP,
    MINUTE,
    MONDAY,
    QUIET,
    World,
    close,
    keep_own_time,
    keep_the_walls_time,
    world,
    write,
)
from trading.gates.execution_mode import ExecutionMode

pytestmark = pytest.mark.django_db
ENTERED = MONDAY + 5 * MINUTE
SECOND = timedelta(seconds=1)
Wall = Callable[[datetime], None]


@pytest.fixture
def wall(monkeypatch: pytest.MonkeyPatch) -> Wall:
    """Sets the wall clock."""

    def set_to(moment: datetime) -> None:
        monkeypatch.setattr(timezone, "now", lambda: moment)

    set_to(ENTERED + 30 * SECOND)
    return set_to


@pytest.fixture(scope="module")
def lab_of_the_file(rows_of_the_file: None) -> World:
    made = world(capital=Decimal(10_000))
    keep_the_walls_time(made.venue)
    strategies.set_execution(made.subscription, ExecutionMode.APPROVE, now=MONDAY, by=made.alice.pk)
    return made


@pytest.fixture
def asked(lab: World, wall: Wall) -> World:
    lab.play(*QUIET, JUMP, first=MONDAY)
    return lab


def waiting() -> Approval:
    return Approval.objects.select_related(
        "decision__instrument", "decision__signal__instrument", "decision__signal__version",
        "decision__signal__run",
    ).get()  # fmt: skip


def test_while_nobody_moves_the_clock_it_expires_all_the_same(asked: World, wall: Wall) -> None:
    approval = waiting()
    wall(approval.expires_at - SECOND)
    assert still_waiting(asked.alice).count() == 1
    assert as_asked(approvals_of(asked.alice))[0].seconds_left == 1

    wall(approval.expires_at)

    assert not still_waiting(asked.alice).exists()
    (shown,) = as_asked(approvals_of(asked.alice, "expired"))
    assert (shown.answer, shown.seconds_left) == ("expired", 0)
    for answer in (approve, decline):
        with pytest.raises(Conflict) as refused:
            answer(approval, by=asked.alice)
        assert refused.value.code == "APPROVAL_EXPIRED"
    assert recovery.sweep().expired == 1
    assert Approval.objects.get().answered_at == approval.expires_at
    assert MarketClock.objects.get().now == ENTERED
    assert not Order.objects.exists()


def test_a_price_that_has_grown_old_by_the_wall_is_none_to_order_at(
    asked: World, wall: Wall
) -> None:
    wall(ENTERED + 2 * MINUTE + SECOND)

    assert approve(waiting(), by=asked.alice).code == "STALE_MARKET_DATA"


def test_what_is_approved_meets_no_candle_that_had_opened_before(asked: World) -> None:
    """The clock stands at the close, as it does for most of a minute."""
    found = approve(waiting(), by=asked.alice)
    assert (found.outcome, found.answered_at) == ("ordered", ENTERED + 30 * SECOND)

    write(asked.instrument, ["102.5", "104"], ENTERED)
    close(asked.venue, ENTERED + 2 * MINUTE)

    assert {fill.price for fill in Fill.objects.all()} == {Decimal(104)}


def test_a_close_that_is_decided_too_late_asks_nobody(lab: World, wall: Wall) -> None:
    wall(ENTERED + 30 * MINUTE)

    lab.play(*QUIET, JUMP, first=MONDAY)

    assert Decision.objects.get().code == "APPROVAL_NEEDED"
    assert (waiting().answer, waiting().answered_at) == ("expired", ENTERED + 30 * MINUTE)
    assert not Event.objects.filter(kind="approval.needed").exists()


def test_the_wall_is_nothing_to_a_simulated_clock(asked: World, wall: Wall) -> None:
    keep_own_time(asked.venue)
    wall(ENTERED + timedelta(days=9))

    found = approve(waiting(), by=asked.alice)

    assert (found.outcome, found.answered_at) == ("ordered", ENTERED)
    assert Order.objects.get().active_from == ENTERED
