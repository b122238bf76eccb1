"""Who pays: matching never spends what an account does not have, nor the same money twice."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.trading.examples import (
    BTC,
    MINUTE,
    MONDAY,
    book,
    candle,
    numbers,
    order,
    stop,
    target,
)
from trading.candles import Candle
from trading.ledger import PositionState, apply_fill
from trading.matching import (
    INSUFFICIENT_FUNDS,
    Book,
    Matched,
    cash_change,
    match_at_open,
    match_inside,
)
from trading.orders import Leg, OrderReport, OrderStatus, OrderTicket
from trading.signals import Side

BUY, SELL = Side.BUY, Side.SELL


def rejected(ticket: OrderTicket) -> OrderReport:
    return OrderReport(ticket.client_order_id, "", OrderStatus.REJECTED, INSUFFICIENT_FUNDS)


def told(matched: Matched) -> list[OrderReport]:
    return list(matched.reports)


def test_what_the_cash_does_not_cover_is_rejected_and_costs_nothing() -> None:
    bought = order("a", BUY, "1")
    on = book(bought, cash="100.19", rules=BTC)

    matched = match_at_open(on, candle("100"))

    assert not matched.fills
    assert told(matched) == [rejected(bought)]
    assert (on.free_cash, on.positions) == ({1: Decimal("100.19")}, {1: Decimal(0)})


def test_cash_may_be_spent_to_the_last_cent() -> None:
    on = book(order("a", BUY, "1"), cash="100.20", rules=BTC)

    assert len(match_at_open(on, candle("100")).fills) == 1
    assert on.free_cash == {1: Decimal(0)}


def test_an_order_may_spend_its_own_reservation_and_gives_back_what_is_left_of_it() -> None:
    bought = order("a", BUY, "1")
    on = book(bought, cash="0", reserved={bought.client_order_id: Decimal(101)})

    assert len(match_at_open(on, candle("100")).fills) == 1
    assert on.free_cash == {1: Decimal(1)}
    assert on.reserved == {}


def test_a_rejected_order_gives_its_reservation_back() -> None:
    bought = order("a", BUY, "1")
    on = book(bought, cash="0", reserved={bought.client_order_id: Decimal(99)})

    match_at_open(on, candle("100"))

    assert (on.free_cash, on.reserved) == ({1: Decimal(99)}, {})


def test_nobody_spends_the_reservation_of_another_order() -> None:
    greedy, careful = order("a", BUY, "1"), order("b", BUY, "1")
    kept = {careful.client_order_id: Decimal(100)}

    matched = match_at_open(book(greedy, careful, cash="50", reserved=kept), candle("100"))

    assert told(matched) == [rejected(greedy)]
    assert [fill.client_order_id for fill in matched.fills] == [careful.client_order_id]


def test_orders_of_one_account_share_its_cash_in_the_order_of_the_book() -> None:
    first, second = order("a", BUY, "1", position=1), order("b", BUY, "1", position=2)
    at_100 = candle("100")

    forwards = match_at_open(book(first, second, cash="150"), at_100)
    backwards = match_at_open(book(second, first, cash="150"), at_100)

    assert told(forwards) == [rejected(second)]
    assert told(backwards) == [rejected(first)]


def test_accounts_do_not_share_cash() -> None:
    other = order("b", BUY, "1", account=2, position=2)
    on = replace(book(order("a", BUY, "1"), other, cash="100"), free_cash={1: Decimal(100)})

    assert told(match_at_open(on, candle("100"))) == [rejected(other)]


def test_a_short_is_bought_back_even_where_it_costs_more_than_there_is() -> None:
    on = book(stop("d", BUY, "1", "102"), held="-1", cash="50")

    matched = match_inside(on, candle("110 111 109 110"))

    assert [fill.price for fill in matched.fills] == numbers("110")
    assert on.free_cash == {1: Decimal(-60)}


def test_nothing_is_opened_on_borrowed_money_not_even_a_short() -> None:
    short = order("a", SELL, "1")

    assert told(match_at_open(book(short, cash="-101"), candle("100"))) == [rejected(short)]


@pytest.mark.parametrize(("side", "expected"), [(BUY, "-33.33333334"), (SELL, "33.33333333")])
def test_cash_is_rounded_against_us(side: Side, expected: str) -> None:
    third = Decimal("0.33333333333")

    assert cash_change(side, third, Decimal(100), Decimal(0)) == Decimal(expected)


def test_the_fees_of_a_fill_are_taken_from_the_cash() -> None:
    on = book(order("a", SELL, "1", reduce_only=True), cash="0", held="1", rules=BTC)

    match_at_open(on, candle("100"))

    assert on.free_cash == {1: Decimal("99.8")}


UNITS = st.integers(1, 3_000).map(lambda thousandths: str(Decimal(thousandths) / 1_000))
PRICES = st.lists(st.integers(1, 500), min_size=4, max_size=4)


@st.composite
def days(draw: st.DrawFn) -> list[tuple[Candle, list[OrderTicket]]]:
    """Candles, each with new orders of one account: longs, their exits, stops and targets."""
    steps = []
    for index, four in enumerate(draw(st.lists(PRICES, min_size=1, max_size=5))):
        passed = candle(f"{four[0]} {max(four)} {min(four)} {four[1]}", MONDAY + index * MINUTE)
        fresh = []
        for number, position in enumerate(draw(st.lists(st.integers(1, 3), max_size=3))):
            units, name = draw(UNITS), f"{index}.{number}"
            level = str(draw(st.integers(1, 500)))
            exits = order(name, SELL, units, reduce_only=True, leg=Leg.EXIT)
            limit = target(name, SELL, units, level)
            kinds = [order(name, BUY, units), exits, stop(name, SELL, units, level), limit]
            fresh.append(replace(draw(st.sampled_from(kinds)), position=position))
        steps.append((passed, fresh))
    return steps


def run(steps: list[tuple[Candle, list[OrderTicket]]], on: Book) -> list[Matched]:
    """Let each candle pass over what works by then."""
    working: list[OrderTicket] = []
    matches = []
    for passed, fresh in steps:
        working += fresh
        for match in (match_at_open, match_inside):
            matches.append(match(replace(on, orders=working), passed))
            ended: set[str] = {item.client_order_id for item in matches[-1].fills}
            ended |= {item.client_order_id for item in matches[-1].reports}
            working = [item for item in working if item.client_order_id not in ended]
    return matches


@given(steps=days(), cash=st.integers(0, 1_000), bps=st.integers(0, 200))
def test_cash_never_goes_negative_nor_does_a_long_and_the_ledger_agrees_to_the_last_digit(
    steps: list[tuple[Candle, list[OrderTicket]]], cash: int, bps: int
) -> None:
    on = book(cash=str(cash), slippage_bps=bps, rules=BTC)
    position_of = {item.client_order_id: item.position for _, fresh in steps for item in fresh}

    fills = [fill for matched in run(steps, on) for fill in matched.fills]

    spent, states = Decimal(cash), dict.fromkeys((1, 2, 3), PositionState())
    for fill in fills:
        key = position_of[fill.client_order_id]
        applied = apply_fill(
            states[key], fill.side, fill.quantity, fill.price, fill.commission, fill.filled_at
        )
        states[key] = applied.position
        spent += applied.cash
        assert spent >= 0
        assert applied.position.quantity >= 0
    assert on.free_cash == {1: spent}
    for key, state in states.items():
        assert on.positions.get(key, 0) == state.quantity


@given(steps=days(), cash=st.integers(0, 1_000))
def test_the_same_book_and_candles_give_the_same_fills_ids_included(
    steps: list[tuple[Candle, list[OrderTicket]]], cash: int
) -> None:
    once = run(steps, book(cash=str(cash), rules=BTC))
    again = run(steps, book(cash=str(cash), rules=BTC))

    assert once == again


@given(steps=days())
def test_no_order_fills_or_ends_twice_and_no_trade_id_is_used_twice(
    steps: list[tuple[Candle, list[OrderTicket]]],
) -> None:
    matches = run(steps, book(rules=BTC))

    filled = [item.client_order_id for matched in matches for item in matched.fills]
    ended = [item.client_order_id for matched in matches for item in matched.reports]
    trades = [item.venue_trade_id for matched in matches for item in matched.fills]
    for told in (filled, ended, trades):
        assert len(told) == len(set(told))
