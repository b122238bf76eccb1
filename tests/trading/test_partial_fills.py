"""How much of an order one candle fills, and what becomes of the rest and of its exits."""

from dataclasses import replace
from decimal import Decimal

import pytest

from tests.trading.examples import (
    THIN,
    book,
    candle,
    ended,
    limit,
    market,
    numbers,
    order,
    quantities,
    stop,
    target,
    told,
)
from trading.matching import (
    INSUFFICIENT_FUNDS,
    MAX_PARTICIPATION,
    NOTHING_TO_REDUCE,
    OCO_SIBLING_FILLED,
    Matched,
    match_at_open,
    match_inside,
)
from trading.orders import OrderStatus, OrderTicket, OrderType, TimeInForce
from trading.signals import Side

BUY, SELL = Side.BUY, Side.SELL
IOC, FOK, DAY = TimeInForce.IOC, TimeInForce.FOK, TimeInForce.DAY


# The share of the volume


def test_one_order_takes_a_tenth_of_the_volume_and_the_rest_waits() -> None:
    matched = match_at_open(book(market("2.5")), candle("100", volume=THIN))

    assert Decimal("0.1") == MAX_PARTICIPATION
    assert quantities(matched) == numbers("1")
    assert not matched.reports


def test_the_share_is_rounded_down_to_the_step_and_may_be_nothing() -> None:
    assert quantities(match_at_open(book(market("1")), candle("100", volume="1.2345"))) == numbers(
        "0.123"
    )
    nothing = match_at_open(book(market("1")), candle("100", volume="0"))
    assert nothing == Matched((), ())


def test_a_limit_that_is_reached_fills_by_the_share_too() -> None:
    matched = match_inside(book(limit("2.5", "99")), candle("100 101 98 100", volume=THIN))

    assert quantities(matched) == numbers("1")


@pytest.mark.parametrize("kind", [OrderType.MARKET, OrderType.STOP_MARKET])
def test_what_protects_is_filled_whole_however_thin_the_candle(kind: OrderType) -> None:
    leaving = order("x", SELL, "50", reduce_only=True, order_type=kind, trigger_price=Decimal(99))
    run = match_at_open if kind is OrderType.MARKET else match_inside

    assert quantities(run(book(leaving, held="50"), candle("100 100 98 98", volume="0"))) == [50]


def test_a_stop_that_opens_is_triggered_even_where_nothing_can_be_had() -> None:
    ticket = stop("s", BUY, "5", "101", reduce_only=False)
    empty = candle("100 102 99 100", volume="0")

    assert told(match_inside(book(ticket), empty)) == [
        (ticket.client_order_id, OrderStatus.TRIGGERED, "")
    ]
    (fill,) = match_inside(book(replace(ticket, is_triggered=True)), candle("95")).fills
    assert (fill.price, fill.is_maker) == (Decimal(95), False)  # a market order since


def test_two_orders_each_have_the_share_to_themselves() -> None:
    other = order("n", BUY, "2", account=2, position=2)
    on = replace(book(market("2"), other), free_cash={1: Decimal(1000), 2: Decimal(1000)})

    assert quantities(match_at_open(on, candle("100", volume=THIN))) == numbers("1", "1")


def test_a_target_that_fills_partly_leaves_the_stop_in_place() -> None:
    legs = [stop("d", SELL, "3", "98"), target("d", SELL, "3", "104")]
    on = book(*legs, held="3")

    matched = match_inside(on, candle("100 105 99 100", volume=THIN))

    assert quantities(matched) == numbers("1")
    assert not matched.reports
    assert on.positions == {1: Decimal(2)}


def test_a_stop_takes_what_the_target_has_left_and_cancels_both_rests() -> None:
    part = target("d", SELL, "2", "104", filled=Decimal(1))
    protection = stop("d", SELL, "3", "98")

    matched = match_inside(book(protection, part, held="2"), candle("100 101 97 100"))

    assert quantities(matched) == numbers("2")
    assert told(matched) == [
        (protection.client_order_id, OrderStatus.CANCELED, NOTHING_TO_REDUCE),
        (part.client_order_id, OrderStatus.CANCELED, OCO_SIBLING_FILLED),
    ]


# A bracket whose entry is only partly filled


def bracket() -> list[OrderTicket]:
    """An entry of 3 of which 1 is filled, with the stop and target of that 1."""
    entry = limit("2", "99", filled=Decimal(1))
    group = entry.client_order_id
    return [
        entry,
        replace(stop("d", SELL, "1", "95"), oco_group=group),
        replace(target("d", SELL, "1", "104"), oco_group=group),
    ]


def test_the_exit_of_a_bracket_cancels_what_is_left_of_its_entry() -> None:
    entry, protection, goal = bracket()

    matched = match_inside(book(entry, protection, goal, held="1"), candle("100 105 99.5 100"))

    assert [fill.client_order_id for fill in matched.fills] == [goal.client_order_id]
    assert {name for name, _, _ in told(matched)} == {
        entry.client_order_id,
        protection.client_order_id,
    }


def test_a_stop_covers_what_its_entry_filled_at_the_open_of_the_same_candle() -> None:
    entry, protection, goal = bracket()
    on = book(entry, protection, goal, held="1")

    matched = match_inside(on, candle("98 99 94 95"))

    assert [(fill.side, fill.quantity) for fill in matched.fills] == [
        (BUY, Decimal(2)),
        (SELL, Decimal(3)),
    ]
    assert on.positions == {1: Decimal(0)}


def test_a_target_does_not_fill_in_the_candle_in_which_its_entry_did() -> None:
    matched = match_inside(book(*bracket(), held="1"), candle("100 105 98 100"))

    assert [fill.side for fill in matched.fills] == [BUY]


# Money


def test_a_part_uses_its_part_of_the_reservation_and_the_rest_stays() -> None:
    ticket = market("3")
    on = book(ticket, cash="0", reserved={ticket.client_order_id: Decimal(303)})

    match_at_open(on, candle("100", volume=THIN))

    assert on.reserved == {ticket.client_order_id: Decimal(202)}
    assert on.free_cash == {1: Decimal(1)}


def test_what_is_left_of_an_order_that_cannot_be_paid_any_more_is_canceled() -> None:
    ticket = market("1", filled=Decimal(1))

    matched = match_at_open(book(ticket, cash="99"), candle("100"))

    assert told(matched) == ended(ticket, INSUFFICIENT_FUNDS)
