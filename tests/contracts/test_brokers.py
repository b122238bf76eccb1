"""What every adapter must answer alike, whatever its venue. A new one is added to
`tests/contracts/stages.py`."""

from decimal import Decimal

import pytest

from tests.contracts.stages import LONG_AGO, Stage, asked, fills_of, holding, only
from tests.trading.examples import MINUTE, order, stop, target
from trading.orders import OrderStatus
from trading.signals import Side

BUY, SELL = Side.BUY, Side.SELL


# Placing


def test_every_order_placed_gets_one_report_under_the_name_we_gave_it(stage: Stage) -> None:
    tickets = [order("a", BUY, "1"), stop("b", SELL, "1", "90"), target("c", SELL, "1", "110")]

    reports = stage.broker.submit(tickets)

    assert [item.client_order_id for item in reports] == [item.client_order_id for item in tickets]
    assert {item.status for item in reports} <= {OrderStatus.ACCEPTED, OrderStatus.FILLED}


def test_an_order_that_is_sent_twice_trades_once(stage: Stage) -> None:
    bought = order("a", BUY, "1")

    stage.broker.submit([bought])
    stage.broker.submit([bought])
    stage.trade("100")

    assert [fill.quantity for fill in fills_of(stage, bought)] == [1]


def test_an_order_that_is_sent_again_after_its_fill_does_not_trade_again(stage: Stage) -> None:
    bought = holding(stage, "1")

    again = only(stage.broker.submit([bought]))
    stage.trade("100")

    assert again.status is OrderStatus.FILLED
    assert len(fills_of(stage, bought)) == 1


def test_an_order_that_is_sent_again_after_its_cancel_stays_canceled(stage: Stage) -> None:
    resting = target("a", BUY, "1", "90", reduce_only=False)
    stage.broker.submit([resting])
    stage.broker.cancel([resting.client_order_id])

    again = only(stage.broker.submit([resting]))
    stage.trade("90")

    assert again.status is OrderStatus.CANCELED
    assert not fills_of(stage, resting)


def test_the_first_order_of_a_name_stands_whatever_is_sent_under_it_later(stage: Stage) -> None:
    stage.broker.submit([order("a", BUY, "1")])
    larger = order("a", BUY, "2")

    stage.broker.submit([larger])
    stage.trade("100")

    assert [fill.quantity for fill in fills_of(stage, larger)] == [1]


def test_what_cannot_be_paid_for_is_rejected_with_a_reason(stage: Stage) -> None:
    too_much = order("a", BUY, "11")

    stage.broker.submit([too_much])
    stage.trade("100")

    assert asked(stage, too_much).status is OrderStatus.REJECTED
    assert asked(stage, too_much).code
    assert not fills_of(stage, too_much)


def test_a_reduce_only_order_never_turns_a_position_over(stage: Stage) -> None:
    holding(stage, "1")
    leaving = order("x", SELL, "3", reduce_only=True)

    stage.broker.submit([leaving])
    stage.trade("100")

    assert sum(fill.quantity for fill in fills_of(stage, leaving)) == 1


# Asking


def test_an_order_that_the_venue_never_saw_is_absent_from_its_answer(stage: Stage) -> None:
    known, unknown = order("a", BUY, "1"), order("b", BUY, "1")
    stage.broker.submit([known])

    told = stage.broker.orders([unknown.client_order_id, known.client_order_id])

    assert [item.client_order_id for item in told] == [known.client_order_id]


def test_the_venues_name_for_an_order_is_kept_to_its_end(stage: Stage) -> None:
    filled, rejected = order("a", BUY, "1"), order("b", BUY, "11")
    resting = stop("c", SELL, "1", "1")
    tickets = [filled, rejected, resting]
    at_first = [item.venue_order_id for item in stage.broker.submit(tickets)]

    stage.trade("100")
    stage.broker.cancel([resting.client_order_id])

    assert [asked(stage, item).venue_order_id for item in tickets] == at_first
    assert all(at_first)
    assert len(set(at_first)) == len(tickets)


def test_an_order_is_filled_when_its_fills_come_to_its_quantity_and_not_before(
    stage: Stage,
) -> None:
    whole = holding(stage, "1")
    too_much = order("x", SELL, "3", reduce_only=True)
    stage.broker.submit([too_much])
    stage.trade("100")

    for ticket in (whole, too_much):
        done = sum((fill.quantity for fill in fills_of(stage, ticket)), Decimal(0))
        is_filled = asked(stage, ticket).status is OrderStatus.FILLED
        assert is_filled is (done == ticket.quantity)


# Cancelling


def test_an_order_that_works_can_be_canceled_and_then_does_not_trade(stage: Stage) -> None:
    bought = order("a", BUY, "1")
    stage.broker.submit([bought])

    report = only(stage.broker.cancel([bought.client_order_id]))
    stage.trade("100")

    assert report.status is OrderStatus.CANCELED
    assert asked(stage, bought).status is OrderStatus.CANCELED
    assert not fills_of(stage, bought)


def test_cancelling_twice_is_harmless(stage: Stage) -> None:
    bought = order("a", BUY, "1")
    stage.broker.submit([bought])

    first = stage.broker.cancel([bought.client_order_id])

    assert stage.broker.cancel([bought.client_order_id]) == first


def test_what_is_filled_stays_filled_when_a_cancel_comes_too_late(stage: Stage) -> None:
    bought = holding(stage, "1")

    report = only(stage.broker.cancel([bought.client_order_id]))

    assert report.status is OrderStatus.FILLED
    assert len(fills_of(stage, bought)) == 1


def test_cancelling_an_order_that_the_venue_never_saw_says_nothing_of_it(stage: Stage) -> None:
    unknown = order("a", BUY, "1")

    assert stage.broker.cancel([unknown.client_order_id]) == []
    assert stage.broker.orders([unknown.client_order_id]) == []


# Fills


def test_fills_may_be_asked_for_any_number_of_times(stage: Stage) -> None:
    holding(stage, "1")

    assert stage.broker.fills(LONG_AGO) == stage.broker.fills(LONG_AGO)


def test_fills_come_oldest_first_and_each_under_an_id_of_its_own(stage: Stage) -> None:
    for name in "abc":
        stage.broker.submit([order(name, BUY, "1")])
        stage.trade("100")

    told = stage.broker.fills(LONG_AGO)

    assert [fill.client_order_id for fill in told] == [
        order(name, BUY, "1").client_order_id for name in "abc"
    ]
    assert [fill.filled_at for fill in told] == sorted(fill.filled_at for fill in told)
    assert len({fill.venue_trade_id for fill in told}) == 3


def test_fills_are_told_from_the_moment_asked_for_that_moment_included(stage: Stage) -> None:
    for name in "ab":
        stage.broker.submit([order(name, BUY, "1")])
        stage.trade("100")
    latest = stage.broker.fills(LONG_AGO)[-1]

    assert stage.broker.fills(latest.filled_at) == [latest]
    assert stage.broker.fills(latest.filled_at + MINUTE) == []


def test_a_fill_says_what_was_paid(stage: Stage) -> None:
    (fill,) = fills_of(stage, holding(stage, "2"))

    assert (fill.side, fill.quantity, fill.price) == (BUY, Decimal(2), Decimal(100))
    assert fill.commission == Decimal("0.4")


# What a venue says that it can do


def test_a_venue_that_rests_stops_keeps_one_until_it_is_reached(stage: Stage) -> None:
    if not stage.broker.capabilities.rests_stops:
        pytest.skip("this venue has no resting stops")
    holding(stage, "1")
    protection = stop("x", SELL, "1", "95")
    stage.broker.submit([protection])

    stage.trade("100 101 96 100")
    assert asked(stage, protection).status is OrderStatus.ACCEPTED
    stage.trade("100 101 94 100")

    assert asked(stage, protection).status is OrderStatus.FILLED


def test_a_venue_that_links_orders_cancels_the_other_when_one_fills(stage: Stage) -> None:
    if not stage.broker.capabilities.links_oco:
        pytest.skip("this venue does not link orders")
    holding(stage, "1")
    protection, goal = stop("x", SELL, "1", "95"), target("x", SELL, "1", "105")
    stage.broker.submit([protection, goal])

    stage.trade("100 106 99 100")
    stage.trade("90")

    assert asked(stage, goal).status is OrderStatus.FILLED
    assert asked(stage, protection).status is OrderStatus.CANCELED
    assert not fills_of(stage, protection)
