"""From closed candles to a position, its stop and target, and the trade that it becomes."""

from decimal import Decimal

import pytest
from django.core.management import call_command

from apps.events.models import Event
from apps.execution.models import Balance, Fill, Order, OrderEvent, Position, Reservation, Trade
from apps.risk.models import Decision, RiskState
from apps.strategies.models import Run, Signal
from tests.fakes import DEPOSIT, JUMP, MONDAY, QUIET, World, close, world
from trading.gates import CATALOGUE

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def lab_of_the_file(rows_of_the_file: None) -> World:
    return world()


def test_a_cross_becomes_a_position_at_the_next_open(lab: World) -> None:
    after = lab.play(*QUIET, JUMP, first=MONDAY)

    assert Signal.objects.get().action == "enter_long"
    decision = Decision.objects.get()
    assert (decision.outcome, decision.code) == ("ordered", "")
    assert len(decision.verdicts) == len(CATALOGUE)
    assert Order.objects.get().status == "accepted"
    assert not Position.objects.exists()

    lab.play("102.5", first=after)

    position = Position.objects.get()
    # 1 % of 5,000 at a stop 2 % below 102 is 24.5098 units, less than 5,000 pays for at 102 and 1
    # %.
    assert position.quantity == Decimal("24.5098")
    assert position.cost == Decimal("24.5098") * Decimal("102.5")
    assert {(order.leg, order.status) for order in Order.objects.all()} == {
        ("entry", "filled"),
        ("stop", "accepted"),
        ("target", "accepted"),
    }
    call_command("check_ledger")
    call_command("check_completeness")


def test_the_stop_closes_the_position_and_cancels_the_target(lab: World) -> None:
    after = lab.play(*QUIET, JUMP, "102.5", first=MONDAY)

    lab.play(("101", "101", "98", "98"), first=after)

    trade = Trade.objects.get()
    assert trade.exit_reason == "stop"
    assert trade.exit_price == Decimal("99.96")
    fees = sum(fill.commission for fill in Fill.objects.all())
    assert trade.pnl == trade.quantity * (Decimal("99.96") - Decimal("102.5")) - fees
    assert Order.objects.get(leg="target").status == "canceled"
    assert RiskState.objects.get().realised_pnl == trade.pnl
    balance = Balance.objects.get()
    assert balance.cash == DEPOSIT + trade.pnl
    assert balance.reserved == 0
    call_command("check_ledger")


def test_an_opposite_cross_leaves_at_market_and_the_stop_has_nothing_left_to_do(
    lab: World,
) -> None:
    after = lab.play(*QUIET, JUMP, "102", "102", first=MONDAY)

    lab.play("101.5", "101.4", first=after)

    assert Trade.objects.get().exit_reason == "signal"
    assert {order.status for order in Order.objects.filter(reduce_only=True)} == {
        "filled",
        "canceled",
    }
    exit_signal = Signal.objects.get(action="exit_long")
    assert exit_signal.note == "SHORT_NOT_AVAILABLE"
    call_command("check_ledger")


def test_stop_and_target_of_a_position_may_be_reached_in_the_candle_that_opened_it(
    lab: World,
) -> None:
    after = lab.play(*QUIET, JUMP, first=MONDAY)

    lab.play(("102", "110", "90", "100"), first=after)

    assert Trade.objects.get().exit_reason == "stop"  # the stop is taken to have come first
    assert Position.objects.get().quantity == 0
    call_command("check_ledger")


def test_the_same_candle_taken_twice_changes_nothing(lab: World) -> None:
    after = lab.play(*QUIET, JUMP, "102.5", first=MONDAY)
    before = _counts()

    lab.play(first=after)

    assert close(lab.venue, after) == 0
    assert _counts() == before


def test_every_step_of_an_order_is_kept(lab: World) -> None:
    lab.play(*QUIET, JUMP, "102.5", first=MONDAY)

    entry = Order.objects.get(leg="entry")
    steps = OrderEvent.objects.filter(order=entry).order_by("id")
    assert [(step.old_status, step.new_status) for step in steps] == [
        ("pending", "submitted"),
        ("submitted", "accepted"),
        ("accepted", "filled"),
    ]


def _counts() -> dict[str, int]:
    models = (Run, Signal, Decision, Order, Fill, Trade, OrderEvent, Event, Reservation)
    return {model.__name__: model.objects.count() for model in models}
