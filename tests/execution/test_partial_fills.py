"""An entry larger than its share of a candle: what it holds, reserves and is protected by, on the
way and when it does not arrive."""

from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command

from apps.execution.models import Balance, Fill, OrderEvent, Position, Reservation, Trade
from apps.execution.services import paper
from apps.execution.services.closes import Close
from apps.risk.models import Decision
from tests.execution.entries import QUANTITY, minute, order, standing, waiting
from tests.fakes import MINUTE, World
from trading.candles import Timeframe

pytestmark = pytest.mark.django_db

TEN = "100"  # of this volume an order takes 10


def test_a_part_is_held_protected_and_paid_and_the_rest_goes_on_at_the_next_open() -> None:
    lab, opened = waiting()
    set_aside = Reservation.objects.get().amount

    opened = minute(lab, "102.5", opened, TEN)

    assert Position.objects.get().quantity == 10
    assert standing("entry", "stop", "target") == [
        ("partially_filled", ""),
        ("accepted", ""),
        ("accepted", ""),
    ]
    assert [order(leg).quantity for leg in ("stop", "target")] == [10, 10]
    left = Reservation.objects.get().amount
    assert left == pytest.approx(set_aside * (1 - 10 / Decimal(QUANTITY)))
    assert Balance.objects.get().reserved == left

    minute(lab, "102.6", opened)

    assert Position.objects.get().quantity == Decimal(QUANTITY)
    assert [str(fill.price.normalize()) for fill in Fill.objects.order_by("id")] == [
        "102.5",
        "102.6",
    ]
    assert order("entry").status == "filled"
    assert {order(leg).quantity for leg in ("stop", "target")} == {Decimal(QUANTITY)}
    assert Balance.objects.get().reserved == 0
    raised = OrderEvent.objects.filter(reason="QUANTITY_RAISED")
    assert {event.order.leg for event in raised} == {"stop", "target"}


def test_a_partly_filled_entry_that_is_halted_keeps_the_stop_of_what_it_filled() -> None:
    lab, opened = waiting()
    opened = minute(lab, "102.5", opened, TEN)

    call_command("kill_switch", "trip", "--reason", "drill")

    assert standing("entry", "stop") == [("canceled", "TRADING_HALTED"), ("accepted", "")]
    assert order("stop").quantity == 10
    assert Balance.objects.get().reserved == 0

    minute(lab, ("101", "101", "98", "98"), opened)

    trade = Trade.objects.get()
    assert (trade.quantity, trade.exit_reason) == (10, "stop")
    assert order("stop").status == "filled"


def test_a_stop_that_closes_the_position_ends_the_entry_which_opens_nothing_again() -> None:
    lab, opened = waiting()
    opened = minute(lab, "102.5", opened, TEN)

    # 10 more at the open, and all 20 leave inside the same candle, however thin it is.
    opened = minute(lab, ("101", "101", "98", "101"), opened, TEN)
    minute(lab, "101", opened)

    assert standing("entry", "stop", "target") == [
        ("canceled", "POSITION_CLOSED"),
        ("filled", ""),
        ("canceled", "OCO_SIBLING_FILLED"),
    ]
    assert Trade.objects.get().quantity == 20
    assert Position.objects.get().quantity == 0
    assert Balance.objects.get().reserved == 0


def test_an_exit_cancels_what_still_enters_and_leaves_whole_on_a_thin_candle() -> None:
    lab, opened = waiting()
    opened = minute(lab, "102", opened, TEN)

    opened = minute(lab, "101", opened, "0")  # the averages cross: leave

    assert Decision.objects.get(action="exit_long").outcome == "ordered"
    assert standing("entry", "exit") == [("canceled", "POSITION_LEAVING"), ("accepted", "")]

    minute(lab, "101.5", opened, "0")

    assert Position.objects.get().quantity == 0
    assert Trade.objects.get().quantity == 10


def test_liquidating_cancels_what_still_enters() -> None:
    lab, opened = waiting()
    opened = minute(lab, "102.5", opened, TEN)
    liquidate = ("trip", "--state", "liquidating", "--reason", "drill", "--yes", "--timeout", "0")
    with pytest.raises(CommandError, match="NOT_DRAINED"):
        call_command("kill_switch", *liquidate)

    opened = minute(lab, "102.4", opened, "0")
    minute(lab, "102.3", opened, "0")

    assert order("entry").status == "canceled"
    assert Position.objects.get().quantity == 0
    assert Trade.objects.get().exit_reason == "liquidation"


def test_a_target_that_fills_in_part_leaves_the_stop_which_then_takes_the_rest() -> None:
    lab, opened = waiting()
    opened = minute(lab, "102.5", opened)

    opened = minute(lab, ("105", "107", "105", "105"), opened, TEN)

    assert Position.objects.get().quantity == Decimal(QUANTITY) - 10
    assert standing("stop", "target") == [("accepted", ""), ("partially_filled", "")]

    minute(lab, ("104", "104", "98", "98"), opened, "0")

    assert Position.objects.get().quantity == 0
    assert Trade.objects.get().quantity == Decimal(QUANTITY)
    assert standing("stop", "target") == [
        ("filled", ""),
        ("canceled", "OCO_SIBLING_FILLED"),
    ]


def test_a_candle_without_volume_fills_no_entry_and_it_waits() -> None:
    lab, opened = waiting()

    minute(lab, "102.5", opened, "0")

    assert order("entry").status == "accepted"
    assert not Position.objects.exists()


def test_whoever_takes_a_candle_through_again_finds_that_its_parts_are_done() -> None:
    lab, opened = waiting()
    minute(lab, "102.5", opened, TEN)

    again = _close_of(lab, opened)
    assert paper.match_at_open(again) == 0
    assert paper.match_inside(again) == 0

    assert Fill.objects.count() == 1
    assert order("entry").filled_quantity == 10
    call_command("check_ledger")


def _close_of(lab: World, opened: object) -> Close:
    minutes = {Timeframe.M1: [lab.instrument.pk]}
    time = order("entry").active_from
    assert time - MINUTE == opened
    return Close(lab.venue.code, time, Timeframe.M1, minutes, frozenset())
