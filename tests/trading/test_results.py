"""What fills bring: the loss of a round trip as it grows, and the end of it."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.trading.examples import BTC, MONDAY, candle
from trading.backtest.book import ACCOUNT, Account, Placed
from trading.backtest.filling import match
from trading.ledger import PositionState, RoundTrip, apply_fill, apply_funding
from trading.matching import match_at_open
from trading.money import ZERO
from trading.orders import Leg, OrderTicket, OrderType
from trading.results import Result, counted
from trading.signals import Side

RULES = replace(BTC, min_quantity=Decimal("0.1"), min_notional=Decimal(1))
OTHER = {Side.BUY: Side.SELL, Side.SELL: Side.BUY}
Said = tuple[str | Decimal, str | Decimal]
Told = list[tuple[Decimal, Decimal | None]]


def fills(
    *said: Said, fee: str = "0", direction: Side = Side.BUY
) -> tuple[list[Result], RoundTrip | None]:
    """Of quantities (below 0: out again; 0: the other number is got as funding) and prices, one
    after the other, and the last trip."""
    position, results, closed = PositionState(), [], None
    for quantity, price in [(Decimal(of), Decimal(at)) for of, at in said]:
        if not quantity:
            position, _ = apply_funding(position, price)
            continue
        side = direction if quantity > 0 else OTHER[direction]
        applied = apply_fill(position, side, abs(quantity), price, Decimal(fee), MONDAY)
        applied, result = counted(position, applied, RULES, MONDAY.date())
        results.append(result)
        position, closed = applied.position, applied.closed
    return results, closed


def told(results: Sequence[Result]) -> Told:
    return [(result.lost, result.pnl) for result in results if result.counts]


def test_a_round_trip_of_two_fills_loses_what_it_brought() -> None:
    results, closed = fills(("10", "100"), ("-10", "95"), fee="2")
    assert closed is not None
    assert told(results) == [(Decimal(54), Decimal(-54))] == [(-closed.pnl, closed.pnl)]


@pytest.mark.parametrize(("direction", "worse"), [(Side.BUY, "80"), (Side.SELL, "120")])
def test_a_part_that_is_left_at_a_loss_has_lost_it(direction: Side, worse: str) -> None:
    results, _ = fills(("10", "100"), ("-4", worse), fee="1", direction=direction)
    assert told(results) == [(Decimal(82), None)]


def test_the_last_exit_counts_only_what_was_not_counted() -> None:
    results, _ = fills(("10", "100"), ("-4", "80"), ("-6", "90"), fee="1")
    assert told(results) == [(Decimal(82), None), (Decimal(61), Decimal(-143))]


def test_what_a_part_won_is_set_against_what_the_rest_of_the_same_trip_lost() -> None:
    results, _ = fills(("10", "100"), ("-5", "110"), ("-5", "95"))
    assert told(results) == [(ZERO, Decimal(25))]


def test_a_rest_that_no_venue_takes_is_the_end_and_what_becomes_of_it_no_second_one() -> None:
    results, _ = fills(("10", "100"), ("-9.95", "80"), ("-0.05", "80"))
    assert told(results) == [(Decimal(199), Decimal(-199)), (Decimal(1), None)]


@pytest.mark.parametrize(("direction", "worse"), [(Side.BUY, "90"), (Side.SELL, "110")])
def test_a_gain_before_it_hides_no_loss_upon_dust(direction: Side, worse: str) -> None:
    better = {"90": "120", "110": "80"}[worse]
    results, closed = fills(
        ("10", "100"), ("-9.95", better), ("9.95", "100"), ("-10", worse), direction=direction
    )
    assert told(results) == [(ZERO, Decimal(199)), (Decimal(100), Decimal(-100))]
    assert closed is not None
    assert closed.pnl == 99


def test_a_win_upon_dust_after_a_loss_is_a_win() -> None:
    results, _ = fills(("10", "100"), ("-9.95", "80"), ("9.95", "100"), ("-10", "102"))
    assert told(results) == [(Decimal(199), Decimal(-199)), (ZERO, Decimal(20))]


def test_each_end_is_measured_from_the_one_before() -> None:
    again: list[Said] = [("9.95", "100"), ("-9.95", "90")]
    results, _ = fills(("10", "100"), ("-9.95", "120"), *again, *again, ("9.95", "100"), fee="1")
    bad = (Decimal("101.5"), Decimal("-101.5"))
    assert told(results) == [(ZERO, Decimal(197)), bad, bad]


def test_what_one_trip_has_lost_is_not_taken_off_the_next() -> None:
    results, _ = fills(("10", "100"), ("-4", "90"), ("-5.95", "90"), ("9.95", "100"), ("-10", "90"))
    assert told(results) == [
        (Decimal(40), None), (Decimal("59.5"), Decimal("-99.5")), (Decimal(100), Decimal(-100)),
    ]  # fmt: skip


def test_upon_dust_too_a_part_counts_when_it_is_left_and_the_way_in_with_it() -> None:
    built: list[Said] = [("10", "100"), ("-9.95", "120"), ("9.95", "100")]
    results, _ = fills(*built, fee="1")
    assert told(results) == [(ZERO, Decimal(197))]
    results, _ = fills(*built, ("-4", "90"), ("-6", "90"), fee="1")
    assert told(results)[1:] == [(Decimal(42), None), (Decimal(61), Decimal(-103))]


def test_what_sold_dust_loses_counts_but_as_no_trip_and_not_in_one_that_begins_flat() -> None:
    chain: list[Said] = [("10", "100"), ("-9.95", "120"), ("-0.05", "80")]
    results, closed = fills(*chain, ("10", "100"), ("-10", "99"))
    assert told(results) == [(ZERO, 199), (Decimal(1), None), (Decimal(10), Decimal(-10))]
    assert closed is not None
    assert closed.pnl == -10


def test_funding_counts_with_the_exit_after_it_and_in_the_trip_in_which_it_was_paid() -> None:
    results, _ = fills(("10", "100"), ("0", "-3"), ("-4", "100"), ("0", "-2"), ("-5.95", "100"))
    assert told(results) == [(Decimal(3), None), (Decimal(2), Decimal(-5))]
    won: list[Said] = [("10", "100"), ("0", "-3"), ("-9.95", "120"), ("0", "-2"), ("9.95", "100")]
    results, _ = fills(*won, ("0", "5"), ("0", "-7"), ("-10", "100"))
    assert told(results) == [(ZERO, Decimal(196)), (Decimal(4), Decimal(-4))]


def test_a_backtest_keeps_it_too() -> None:
    account = Account({1: replace(RULES, maker_fee=ZERO, taker_fee=ZERO)}, Decimal(10_000), 0)
    for number, (side, quantity, price) in enumerate(
        [(Side.BUY, "10", "100"), (Side.SELL, "9.95", "120"), (Side.BUY, "9.95", "100"),
         (Side.SELL, "10", "90")]
    ):  # fmt: skip
        is_exit = side is Side.SELL
        ticket = OrderTicket(
            f"{number}", ACCOUNT, 1, side, OrderType.MARKET, Decimal(quantity), reduce_only=is_exit
        )
        leg = Leg.EXIT if is_exit else Leg.ENTRY
        account.place(Placed(number, ticket, leg, 1, number))
        match(account, {1: candle(price)}, frozenset({OrderType.MARKET}), match_at_open, MONDAY)
    assert told(account.results) == [(ZERO, Decimal(199)), (Decimal(100), Decimal(-100))]


def test_an_entry_that_is_still_dust_has_ended_nothing() -> None:
    results, _ = fills(("0.05", "100"), ("0.05", "100"))
    assert told(results) == []


@given(
    st.lists(st.tuples(st.integers(1, 30), st.integers(50, 150)), min_size=1, max_size=5),
    st.sampled_from(["0", "0.5", "7"]),
    st.sampled_from(Side),
)
def test_all_of_it_together_is_at_least_what_the_trip_lost(
    exits: list[tuple[int, int]], fee: str, direction: Side
) -> None:
    size = Decimal(sum(quantity for quantity, _ in exits))
    out = [(Decimal(-quantity), Decimal(price)) for quantity, price in exits]
    results, closed = fills((size, Decimal(100)), *out, fee=fee, direction=direction)
    assert closed is not None
    assert sum(result.lost for result in results) >= -closed.pnl
    assert [result.pnl for result in results if result.pnl is not None] == [closed.pnl]


LEFT = {"crumb": Decimal("0.05"), "nothing": ZERO}
STEPS = st.one_of(
    st.tuples(st.just("in"), st.sampled_from(["10", "3", "0.05"])),
    st.tuples(st.just("out"), st.sampled_from(["crumb", "1", "4", "0.05", "nothing"])),
    st.tuples(st.just("funding"), st.sampled_from(["-2", "1.5"])),
)


@settings(max_examples=300)  # most sequences end nothing twice
@given(
    st.lists(st.tuples(STEPS, st.integers(50, 150)), min_size=4, max_size=14),
    st.sampled_from(["0", "0.5", "7"]),
    st.sampled_from(Side),
)
def test_all_results_together_are_what_came_of_it(
    steps: list[tuple[tuple[str, str], int]], fee: str, direction: Side
) -> None:
    """Whatever is built upon which crumbs: with each end they are the money that was got and paid
    and the cost of what is left; and each lost what it lost, at least."""
    position, money, pnls, lost = PositionState(), ZERO, ZERO, ZERO
    for (what, size), price in [*steps, (("out", "nothing"), 100)]:
        before, held = position, abs(position.quantity)
        if what == "funding":
            amount = Decimal(size) if held else ZERO
            position, money = apply_funding(position, amount)[0], money + amount
            continue
        quantity = held - LEFT[size] if size in LEFT else Decimal(size)
        if what == "out" and not 0 < quantity <= held:
            continue
        side = direction if what == "in" else OTHER[direction]
        applied = apply_fill(position, side, quantity, Decimal(price), Decimal(fee), MONDAY)
        applied, result = counted(position, applied, RULES, MONDAY.date())
        position, money, lost = applied.position, money + applied.cash, lost + result.lost
        assert what == "out" or not result.counts
        if result.pnl is not None:
            pnls += result.pnl
            assert pnls == money + position.cost
            assert lost >= -result.pnl
            lost = ZERO
        if applied.closed is not None:
            if result.pnl is None:  # dust was sold, whose trip had ended
                assert pnls == before.settled
                assert lost >= pnls - money
            pnls = money = lost = ZERO
    assert position == PositionState()
