"""A position with a ladder, from the signal to flat: taken down step by step, its stop coming
nearer, whatever else happens."""

from decimal import Decimal
from typing import Any

import pytest

from apps.execution import pipeline
from apps.execution.models import Exit, Order, OrderEvent, Position, Trade
from apps.execution.services.amendments import STOP_MOVED
from apps.market.models import CandleCursor, Instrument
from apps.risk import services as risk
from apps.strategies import services as strategies
from apps.strategies.models import Signal, StrategyVersion
from tests.fakes import MINUTE, MONDAY, World
from tests.journeys.asking import asking
from tests.journeys.climbing import FIRST, HELD, SECOND, THIRDS, entered, exits, quantity, stop
from trading.signals import ScaleOut

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("conserved")]


@pytest.fixture
def lab(monkeypatch: pytest.MonkeyPatch) -> World:
    return asking(monkeypatch, stop_fraction=0.04, scale_out=THIRDS)


def test_the_ladder_goes_from_the_signal_to_the_entry(lab: World) -> None:
    entered(lab)

    said = Signal.objects.get().ladder
    assert said == Order.objects.get(leg="entry").ladder
    assert said == {
        "rungs": [["4", "0.5"], ["8", "0.5"], ["12", "1"]],
        "break_even_after": 1,
        "trail": {"offset": "3", "offset_type": "price", "after": 1, "profit": None},
    }


def test_rungs_are_sold_at_the_next_open_and_the_last_ends_the_trade(lab: World) -> None:
    after = lab.play(FIRST, first=entered(lab))
    assert exits() == [(1, 0, Decimal("6.25"), "accepted")]
    assert (quantity(), stop()) == (HELD, 96)

    after = lab.play("100.5", first=after)
    assert (quantity(), stop()) == (Decimal("6.25"), 100)

    after = lab.play(SECOND, "101.2", first=after)
    assert quantity() == Decimal("3.125")
    lab.play(("101.2", "112", "101.2", "101.9"), "101.9", first=after)

    assert exits() == [
        (1, 0, Decimal("6.25"), "filled"),
        (2, 0, Decimal("3.125"), "filled"),
        (3, 0, Decimal("3.125"), "filled"),
    ]
    trade = Trade.objects.get()
    assert (trade.exit_reason, trade.quantity) == ("ladder", HELD)
    assert trade.exit_price == (
        Decimal("100.5") * Decimal("6.25") + Decimal("101.2") * Decimal("3.125")
        + Decimal("101.9") * Decimal("3.125")
    ) / HELD  # fmt: skip
    assert Order.objects.get(leg="stop").status == "canceled"


def test_the_stop_at_the_entry_covers_what_is_left(lab: World) -> None:
    after = lab.play(FIRST, "100.5", first=entered(lab))

    lab.play(("100.4", "100.4", "99.6", "99.8"), first=after)

    trade = Trade.objects.get()
    assert trade.exit_reason == "stop"
    fills = Order.objects.get(leg="stop")
    assert (fills.filled_quantity, quantity()) == (Decimal("6.25"), 0)
    assert trade.exit_price == Decimal("100.25")  # a half at 100.50, a half at the entry


def test_the_trail_follows_the_closes_and_never_steps_back(lab: World) -> None:
    after = lab.play(FIRST, "100.5", "101.4", "102.4", first=entered(lab))
    assert stop() == 100

    moved = []
    for price in ("103.4", "103.9", "103.2", "103.0", "103.9"):
        after = lab.play(price, first=after)
        moved.append(stop())
    assert moved == [Decimal(each) for each in ("100.4", "100.9", "100.9", "100.9", "100.9")]
    assert OrderEvent.objects.filter(reason=STOP_MOVED).count() == 3  # to the entry, and twice

    lab.play(("103.9", "103.9", "100.5", "103.1"), first=after)
    assert Trade.objects.get().exit_reason == "stop"


def test_a_candle_that_passes_several_rungs_is_answered_by_one_exit(lab: World) -> None:
    after = lab.play(("100", "109", "100", "100.5"), first=entered(lab))

    assert exits() == [(2, 0, Decimal("9.375"), "accepted")]
    lab.play("100.5", SECOND, "101.2", first=after)
    assert quantity() == Decimal("3.125")  # what was passed does not come again
    assert len(exits()) == 1


def test_a_gap_over_the_last_rung_closes_all(lab: World) -> None:
    lab.play(("100", "115", "100", "100.5"), "100.5", first=entered(lab))

    assert exits() == [(3, 0, HELD, "filled")]
    assert Trade.objects.get().exit_reason == "ladder"


@pytest.mark.parametrize("how", ["halted", "paused", "inactive"])
def test_neither_a_halt_nor_a_pause_nor_a_silent_strategy_stops_an_exit(
    lab: World, how: str
) -> None:
    after = entered(lab)
    if how == "halted":
        risk.trip(by="shell:test", reason="drill", now=after)
    elif how == "paused":
        strategies.pause(Position.objects.get().subscription, now=after)
    else:
        StrategyVersion.objects.update(is_active=False)

    lab.play(FIRST, "100.5", first=after)

    assert (quantity(), stop()) == (Decimal("6.25"), 100)


def test_a_close_that_is_taken_twice_changes_nothing_the_second_time(lab: World) -> None:
    def state() -> list[Any]:
        orders = Order.objects.order_by("id").values_list(
            "pk", "status", "quantity", "filled_quantity", "trigger_price", "active_from"
        )
        return [*orders, OrderEvent.objects.count(), Exit.objects.count(), quantity(), stop()]

    moment = entered(lab)
    for prices in (FIRST, ("100.5", "100.6", "98", "100.5"), SECOND, "101.2"):
        moment = lab.play(prices, first=moment)
        before = state()
        CandleCursor.objects.update(closed_through=moment - MINUTE)
        assert pipeline.close_candles(lab.venue.code, moment) == 1
        assert state() == before


def test_nothing_more_is_taken_while_an_exit_is_on_its_way(lab: World) -> None:
    after = lab.play(FIRST, first=entered(lab))
    Order.objects.filter(leg="exit").update(status="submitted", active_from=after + 60 * MINUTE)

    after = lab.play("100.5", FIRST, SECOND, first=after)

    assert exits() == [(1, 0, Decimal("6.25"), "submitted")]
    assert (quantity(), stop()) == (HELD, 96)


def test_an_exit_that_ended_unfilled_leaves_its_rung_to_be_tried_again(lab: World) -> None:
    after = entered(lab)
    for attempt in range(4):
        after = lab.play(FIRST, first=after)
        unfilled = [(1, done, Decimal("6.25"), "rejected") for done in range(min(attempt, 3))]
        sent = [(1, attempt, Decimal("6.25"), "accepted")] if attempt < 3 else []
        assert exits() == [*unfilled, *sent]
        Order.objects.filter(leg="exit", status="accepted").update(status="rejected")
    assert (quantity(), stop()) == (HELD, 96)

    lab.play(SECOND, "101.2", first=after)  # the rung above takes what the first did not
    assert quantity() == Decimal("3.125")


def test_a_short_is_bought_back_step_by_step(monkeypatch: pytest.MonkeyPatch) -> None:
    lab = asking(monkeypatch, stop_fraction=0.04, scale_out=THIRDS)
    Instrument.objects.update(
        is_shortable=True, initial_margin=Decimal("0.5"), maintenance_margin=Decimal("0.25")
    )
    after = lab.play("102", "102", "100", "100", first=MONDAY)
    assert quantity() == -HELD

    after = lab.play(("100", "100", "96", "99.5"), "99.5", first=after)
    assert (quantity(), stop()) == (Decimal("-6.25"), 100)
    after = lab.play("98.6", "97.7", "96.8", "97.6", first=after)
    assert stop() == Decimal("99.8")
    lab.play(("97.6", "97.6", "87", "97.6"), "97.6", first=after)

    trade = Trade.objects.get()
    assert (trade.direction, trade.exit_reason, trade.quantity) == ("short", "ladder", HELD)
    assert {order.leg: order.status for order in Order.objects.exclude(leg="exit")} == {
        "entry": "filled",
        "stop": "canceled",
        "liquidation": "canceled",
    }


def test_of_a_position_entered_inside_a_candle_only_the_close_of_that_candle_counts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lab = asking(
        monkeypatch, stop_fraction=0.04, pullback_fraction=0.01,
        scale_out=ScaleOut(rungs=((0.005, 0.5),)),
    )  # fmt: skip
    after = lab.play("98", "98", "100", first=MONDAY)

    after = lab.play(("100", "100.5", "99", "99.2"), first=after)  # bought at 99
    assert (Position.objects.get().entry_value > 0, exits()) == (True, [])
    lab.play(("99.2", "99.5", "99.2", "99.2"), first=after)

    assert [(rung, status) for rung, _, _, status in exits()] == [(1, "accepted")]
