"""What fills bring: the loss of a round trip as it grows, and the end of it."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.trading.examples import BTC, MONDAY
from trading.ledger import PositionState, RoundTrip, apply_fill
from trading.money import ZERO
from trading.results import Result, result_of
from trading.signals import Side

RULES = replace(BTC, min_quantity=Decimal("0.1"), min_notional=Decimal(1))
OTHER = {Side.BUY: Side.SELL, Side.SELL: Side.BUY}
Said = tuple[str | Decimal, str | Decimal]
Told = list[tuple[Decimal, Decimal | None]]


def fills(
    *said: Said, fee: str = "0", direction: Side = Side.BUY
) -> tuple[list[Result], RoundTrip | None]:
    """Of quantities (below 0: out again) and prices, one after the other, and the last trip."""
    position, results, closed = PositionState(), [], None
    for quantity, price in [(Decimal(of), Decimal(at)) for of, at in said]:
        side = direction if quantity > 0 else OTHER[direction]
        applied = apply_fill(position, side, abs(quantity), price, Decimal(fee), MONDAY)
        results.append(result_of(position, applied, RULES, MONDAY.date()))
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
