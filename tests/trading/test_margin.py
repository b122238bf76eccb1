"""A short on isolated margin: what it keeps, when it is closed by force, what it pays meanwhile."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.trading.examples import (
    BTC,
    FREE_OF_FEES,
    MINUTE,
    MONDAY,
    book,
    candle,
    numbers,
    order,
    stop,
    target,
    told,
)
from trading.exits import liquidation_leg
from trading.ledger import PositionState, apply_fill, apply_funding, break_even_price, total
from trading.margin import funding_payment, liquidation_price, locked
from trading.matching import INSUFFICIENT_FUNDS, OCO_SIBLING_FILLED, match_at_open, match_inside
from trading.orders import Leg, OrderStatus, OrderType
from trading.signals import Side

BUY, SELL = Side.BUY, Side.SELL
HALF = replace(FREE_OF_FEES, initial_margin=Decimal("0.5"), maintenance_margin=Decimal("0.25"))
MONEY = st.integers(1, 10**9).map(lambda cents: Decimal(cents) / 100)
MARGINS = st.integers(1, 200).map(lambda percent: Decimal(percent) / 100)


def test_a_short_keeps_what_it_was_sold_for_and_its_margin() -> None:
    assert locked(Decimal(-200), Decimal("0.5")) == 300
    assert locked(Decimal(200), Decimal("0.5")) == 0


def test_a_short_is_closed_where_only_its_maintenance_is_left() -> None:
    # Sold at 100 with 50 on top: at 120, a quarter of 120 is left of the 150.
    assert liquidation_price(Decimal(100), HALF) == 120
    # By the terms that an instrument has when nobody says otherwise: 200 / 1.05, a tick below.
    assert liquidation_price(Decimal(100), BTC) == Decimal("190.47")


@given(entry=MONEY, initial=MARGINS, maintenance=MARGINS)
def test_at_its_liquidation_a_short_still_has_its_maintenance_and_a_tick_later_not(
    entry: Decimal, initial: Decimal, maintenance: Decimal
) -> None:
    rules = replace(BTC, initial_margin=initial, maintenance_margin=maintenance)

    price = liquidation_price(entry, rules)

    kept = locked(-entry, initial)
    assert kept - price >= maintenance * price - Decimal("0.00000001")
    later = price + rules.price_increment
    assert kept - later <= maintenance * later


def test_a_short_is_opened_from_the_cash_that_its_margin_needs() -> None:
    on = book(order("a", SELL, "2"), cash="100", rules=HALF)

    assert len(match_at_open(on, candle("100")).fills) == 1
    assert (on.free_cash, on.locked) == ({1: Decimal(0)}, {1: Decimal(300)})


def test_a_short_whose_margin_is_not_there_is_rejected() -> None:
    short = order("a", SELL, "2")
    on = book(short, cash="99.99", rules=HALF)

    matched = match_at_open(on, candle("100"))

    assert told(matched) == [(short.client_order_id, OrderStatus.REJECTED, INSUFFICIENT_FUNDS)]
    assert on.free_cash == {1: Decimal("99.99")}


def test_buying_back_a_part_frees_that_part_and_what_it_won() -> None:
    on = book(
        order("x", BUY, "1", reduce_only=True), cash="0", held="-2", locked={1: Decimal(300)},
        rules=HALF,
    )  # fmt: skip

    match_at_open(on, candle("90"))

    assert on.locked == {1: Decimal(150)}
    assert on.free_cash == {1: Decimal(60)}  # 150 no longer kept, 90 paid


def test_nobody_spends_what_a_short_has_brought_in() -> None:
    short, long = order("s", SELL, "1", position=1), order("l", BUY, "1", position=2)
    on = book(short, long, cash="60", rules=HALF)

    matched = match_at_open(on, candle("100"))

    assert [fill.client_order_id for fill in matched.fills] == [short.client_order_id]
    assert told(matched) == [(long.client_order_id, OrderStatus.REJECTED, INSUFFICIENT_FUNDS)]


LIQUIDATION = stop("d", BUY, "1", "120", leg=Leg.LIQUIDATION)


def test_the_venue_closes_a_short_at_its_liquidation() -> None:
    on = book(LIQUIDATION, held="-1", cash="0", locked={1: Decimal(150)}, rules=HALF)

    matched = match_inside(on, candle("110 125 109 124"))

    assert [fill.price for fill in matched.fills] == numbers("120")
    assert on.free_cash == {1: Decimal(30)}


def test_a_gap_beyond_it_costs_more_than_was_kept() -> None:
    on = book(LIQUIDATION, held="-1", cash="0", locked={1: Decimal(150)}, rules=HALF)

    matched = match_inside(on, candle("170 171 169 170"))

    assert [fill.price for fill in matched.fills] == numbers("170")
    assert on.free_cash == {1: Decimal(-20)}


@pytest.mark.parametrize("written_first", [True, False])
@pytest.mark.parametrize("prices", ["110 130 109 125", "125 130 110 128"])
def test_of_a_stop_and_the_liquidation_the_price_comes_to_the_nearer_first(
    prices: str, written_first: bool
) -> None:
    own = stop("d", BUY, "1", "115")
    legs = [own, LIQUIDATION] if written_first else [LIQUIDATION, own]

    matched = match_inside(book(*legs, held="-1", rules=HALF), candle(prices))

    assert [fill.client_order_id for fill in matched.fills] == [own.client_order_id]
    assert told(matched) == [
        (LIQUIDATION.client_order_id, OrderStatus.CANCELED, OCO_SIBLING_FILLED)
    ]


def test_the_target_of_a_short_comes_after_its_liquidation_in_one_candle() -> None:
    legs = [target("d", BUY, "1", "80"), LIQUIDATION]

    matched = match_inside(book(*legs, held="-1", rules=HALF), candle("100 130 70 100"))

    assert [fill.client_order_id for fill in matched.fills] == [LIQUIDATION.client_order_id]


def test_what_leaves_at_market_comes_before_what_enters() -> None:
    turn, leave = order("e", SELL, "1"), order("x", SELL, "1", reduce_only=True, leg=Leg.EXIT)
    on = book(turn, leave, held="1", cash="0", rules=HALF)

    matched = match_at_open(on, candle("100"))

    assert [fill.client_order_id for fill in matched.fills] == [
        leave.client_order_id,
        turn.client_order_id,
    ]
    assert (on.positions, on.locked[1]) == ({1: Decimal(-1)}, Decimal(150))


def test_the_leg_of_the_liquidation_buys_at_its_price() -> None:
    leg = liquidation_leg(Decimal(100), HALF)
    assert (leg.leg, leg.side, leg.order_type) == (
        Leg.LIQUIDATION, BUY, OrderType.STOP_MARKET,
    )  # fmt: skip
    assert leg.trigger_price == 120


FILLS = st.lists(
    st.tuples(st.booleans(), st.integers(1, 3_000), st.integers(1, 500)), min_size=1, max_size=8
)


@given(fills=FILLS, cash=st.integers(0, 3_000))
def test_what_is_free_and_what_shorts_keep_is_all_the_cash(
    fills: list[tuple[bool, int, int]], cash: int
) -> None:
    on = book(cash=str(cash), rules=replace(BTC, initial_margin=Decimal("0.3")))
    state, spent = PositionState(), Decimal(cash)
    for index, (sells, thousandths, price) in enumerate(fills):
        quantity, side = str(Decimal(thousandths) / 1_000), SELL if sells else BUY
        ticket = order(str(index), side, quantity, reduce_only=not sells)
        passed = match_at_open(
            replace(on, orders=[ticket]), candle(str(price), MONDAY + index * MINUTE)
        )
        for fill in passed.fills:
            applied = apply_fill(
                state, fill.side, fill.quantity, fill.price, fill.commission, fill.filled_at
            )
            state, spent = applied.position, spent + applied.cash
    kept = on.locked.get(1, Decimal(0))
    assert on.free_cash[1] + kept == spent
    # What the rows will say of the position, but for the rounding of each fill.
    assert abs(kept - locked(state.cost, Decimal("0.3"))) <= Decimal("0.00000002") * len(fills)


@pytest.mark.parametrize(
    ("quantity", "rate", "expected"),
    [
        ("2", "0.0001", "-0.02"),  # longs pay
        ("-2", "0.0001", "0.02"),  # and shorts get it
        ("2", "-0.0001", "0.02"),
        ("-2", "-0.0001", "-0.02"),
        ("0.33333333333", "0.0001", "-0.00333334"),  # rounded against who pays
        ("-0.33333333333", "0.0001", "0.00333333"),  # and against who gets
    ],
)
def test_funding_goes_from_longs_to_shorts_at_a_positive_rate(
    quantity: str, rate: str, expected: str
) -> None:
    assert funding_payment(Decimal(quantity), Decimal(100), Decimal(rate)) == Decimal(expected)


def test_funding_is_part_of_the_round_trip_and_of_what_it_takes_to_break_even() -> None:
    opened = apply_fill(PositionState(), SELL, Decimal(1), Decimal(100), Decimal(0), MONDAY)

    held, postings = apply_funding(opened.position, Decimal(-4))
    closed = apply_fill(held, BUY, Decimal(1), Decimal(96), Decimal(0), MONDAY + MINUTE)

    assert total(postings) == 0
    assert break_even_price(held, Decimal(0)) == 96
    assert closed.closed is not None
    assert (closed.closed.pnl, closed.closed.funding) == (Decimal(0), Decimal(-4))
    assert closed.position == PositionState()
