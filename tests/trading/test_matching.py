"""What a candle does to the orders of a book, and to the cash and positions behind them."""

from dataclasses import replace
from decimal import Decimal

import pytest

from tests.trading.examples import (
    BTC,
    MONDAY,
    book,
    candle,
    numbers,
    order,
    stop,
    target,
    told,
)
from trading.matching import (
    IOC_UNFILLED,
    NOTHING_TO_REDUCE,
    OCO_SIBLING_FILLED,
    Matched,
    match_at_open,
    match_inside,
)
from trading.orders import Leg, OrderStatus, OrderTicket, OrderType, TimeInForce
from trading.signals import Side

BUY, SELL = Side.BUY, Side.SELL
LONG = [stop("d", SELL, "1", "98"), target("d", SELL, "1", "104")]
SHORT = [stop("d", BUY, "1", "102"), target("d", BUY, "1", "96")]


def canceled(ticket: OrderTicket, code: str) -> tuple[str, OrderStatus, str]:
    return ticket.client_order_id, OrderStatus.CANCELED, code


def test_a_fill_tells_all_that_the_ledger_needs() -> None:
    bought = order("d", BUY, "2")
    on = book(bought, rules=BTC)

    (fill,) = match_at_open(on, candle("100")).fills

    assert (fill.client_order_id, fill.side) == (bought.client_order_id, BUY)
    assert [fill.quantity, fill.price, fill.commission] == numbers("2", "100", "0.4")
    assert (fill.filled_at, fill.is_maker) == (MONDAY, False)


def test_a_resting_limit_pays_the_makers_fee_and_a_stop_the_takers() -> None:
    inside = candle("100 105 97 100")
    limit, stopped = LONG[1], LONG[0]

    (as_maker,) = match_inside(book(limit, held="1", rules=BTC), inside).fills
    (as_taker,) = match_inside(book(stopped, held="1", rules=BTC), inside).fills

    assert (as_maker.is_maker, as_maker.commission) == (True, Decimal("0.104"))
    assert (as_taker.is_maker, as_taker.commission) == (False, Decimal("0.196"))


def test_at_the_open_only_market_orders_fill_and_inside_only_the_others() -> None:
    bought = order("e", BUY, "1")
    gap = candle("90 110 80 100")

    assert [fill.side for fill in match_at_open(book(bought, *LONG, held="1"), gap).fills] == [BUY]
    assert [fill.side for fill in match_inside(book(bought, *LONG, held="1"), gap).fills] == [SELL]


@pytest.mark.parametrize(
    ("legs", "held", "prices", "filled", "price"),
    [
        (LONG, "1", "100 101 97 100", Leg.STOP, "98"),
        (LONG, "1", "100 105 99 100", Leg.TARGET, "104"),
        (LONG, "1", "100 105 97 100", Leg.STOP, "98"),  # both inside: the stop came first
        (LONG, "1", "95 105 94 100", Leg.STOP, "95"),
        (LONG, "1", "106 107 97 100", Leg.TARGET, "106"),  # the open came before the stop
        (SHORT, "-1", "100 103 99 100", Leg.STOP, "102"),
        (SHORT, "-1", "100 101 95 100", Leg.TARGET, "96"),
        (SHORT, "-1", "100 103 95 100", Leg.STOP, "102"),
        (SHORT, "-1", "105 106 95 100", Leg.STOP, "105"),
        (SHORT, "-1", "94 103 93 100", Leg.TARGET, "94"),
    ],
)
def test_one_of_stop_and_target_fills_and_cancels_the_other(
    legs: list[OrderTicket], held: str, prices: str, filled: Leg, price: str
) -> None:
    done, left = legs if filled is Leg.STOP else reversed(legs)

    matched = match_inside(book(*legs, held=held), candle(prices))

    assert [(item.client_order_id, item.price) for item in matched.fills] == [
        (done.client_order_id, Decimal(price))
    ]
    assert told(matched) == [canceled(left, OCO_SIBLING_FILLED)]


def test_groups_do_not_cancel_one_another() -> None:
    other = [
        replace(item, position=2)
        for item in (stop("e", SELL, "1", "90"), target("e", SELL, "1", "110"))
    ]
    on = book(*LONG, *other, held="1")

    matched = match_inside(on, candle("100 101 97 100"))

    assert told(matched) == [canceled(LONG[1], OCO_SIBLING_FILLED)]


def test_orders_without_a_group_do_not_cancel_one_another() -> None:
    halves = [stop("a", SELL, "1", "98", oco_group=""), stop("b", SELL, "1", "97", oco_group="")]

    matched = match_inside(book(*halves, held="2"), candle("100 101 96 100"))

    assert len(matched.fills) == 2
    assert not matched.reports


@pytest.mark.parametrize(("side", "held"), [(SELL, "0.4"), (BUY, "-0.4")])
def test_a_reduce_only_order_takes_what_is_there_and_never_turns_it_over(
    side: Side, held: str
) -> None:
    leaving = order("x", side, "1", reduce_only=True, leg=Leg.EXIT)
    on = book(leaving, held=held)

    (fill,) = match_at_open(on, candle("100")).fills

    assert fill.quantity == Decimal("0.4")
    assert on.positions == {1: Decimal(0)}


@pytest.mark.parametrize(("side", "held"), [(SELL, "0"), (SELL, "-1"), (BUY, "0"), (BUY, "1")])
def test_where_there_is_nothing_to_reduce_a_reduce_only_order_is_canceled(
    side: Side, held: str
) -> None:
    leaving = order("x", side, "1", reduce_only=True)
    on = book(leaving, held=held)

    matched = match_at_open(on, candle("100"))

    assert not matched.fills
    assert told(matched) == [canceled(leaving, NOTHING_TO_REDUCE)]
    assert on.positions == {1: Decimal(held)}


@pytest.mark.parametrize("quantity", ["0.5", "1", "2"])
@pytest.mark.parametrize(("side", "held"), [(SELL, "1"), (BUY, "-1")])
def test_an_entry_waits_for_an_opposite_position_to_leave(
    side: Side, held: str, quantity: str
) -> None:
    entering = order("e", side, quantity)
    on = book(entering, held=held)

    assert match_at_open(on, candle("100")) == Matched((), ())
    assert on.positions == {1: Decimal(held)}

    leaving = order("x", side, "1", reduce_only=True, leg=Leg.EXIT)
    turned = match_at_open(book(entering, leaving, held=held), candle("100"))
    assert [fill.quantity for fill in turned.fills] == numbers("1", quantity)


def test_an_entry_that_is_to_fill_at_once_does_not_wait_for_an_opposite_position() -> None:
    entering = order("e", SELL, "1", time_in_force=TimeInForce.IOC)

    matched = match_at_open(book(entering, held="1"), candle("100"))

    assert not matched.fills
    assert told(matched) == [canceled(entering, IOC_UNFILLED)]


def test_an_entry_enters_inside_the_candle_in_which_the_opposite_position_was_stopped() -> None:
    entering = order("e", SELL, "1", order_type=OrderType.LIMIT, limit_price=Decimal(101))
    on = book(entering, *LONG, held="1")

    filled = [fill.price for fill in match_inside(on, candle("100 102 97 100")).fills]

    assert filled == numbers("98", "101")
    assert on.positions == {1: Decimal(-1)}


def test_two_exits_of_one_position_share_what_there_is() -> None:
    first, second = (order(name, SELL, "1", reduce_only=True) for name in "xy")

    matched = match_at_open(book(first, second, held="1.5"), candle("100"))

    assert [fill.quantity for fill in matched.fills] == numbers("1", "0.5")


def test_the_stop_of_a_position_that_was_left_at_the_open_finds_nothing() -> None:
    on = book(order("x", SELL, "1", reduce_only=True), *LONG, held="1")
    falling = candle("100 101 97 100")

    match_at_open(on, falling)
    matched = match_inside(on, falling)

    assert not matched.fills
    assert told(matched) == [canceled(LONG[0], NOTHING_TO_REDUCE)]
