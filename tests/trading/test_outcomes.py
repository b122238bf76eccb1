"""Figures of trades: by hand, and laws that hold for any."""

from decimal import Decimal
from math import sqrt
from statistics import fmean, stdev

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trading.performance.outcomes import (
    Streaks,
    expectancy,
    expectancy_ratio,
    longest_streaks,
    payoff_ratio,
    profit_factor,
    sqn,
    win_rate,
)

D = Decimal
MIXED = [D(30), D(10), D(-20), D(30), D(-5)]  # 3 won 70, 2 lost 25
ANY = st.lists(st.integers(-1000, 1000).map(Decimal), max_size=30)


def test_by_hand() -> None:
    assert win_rate(MIXED) == D("0.6")
    assert profit_factor(MIXED) == D("2.8")
    assert payoff_ratio(MIXED) == D(70) / 3 / D("12.5")
    assert expectancy(MIXED) == D(9)
    # Squares around 9: 441, 1, 841, 441 and 196, in sum 1920.
    assert sqn(MIXED) == pytest.approx(sqrt(5) * 9 / sqrt(1920 / 4), rel=1e-12)


def test_expectancy_ratio_is_per_unit_of_an_average_loss() -> None:
    assert expectancy_ratio(MIXED) == pytest.approx(D(9) / D("12.5"))


def test_nothing_is_known_of_no_trades() -> None:
    figures = (win_rate, profit_factor, payoff_ratio, expectancy, expectancy_ratio, sqn)
    assert {figure([]) for figure in figures} == {None}


def test_what_would_divide_by_zero_is_not_known() -> None:
    assert profit_factor([D(5)]) is None
    assert payoff_ratio([D(5)]) is None
    assert payoff_ratio([D(-5)]) is None
    assert sqn([D(5)]) is None
    assert sqn([D(5), D(5)]) is None
    assert profit_factor([D(-5)]) == 0


def test_a_streak_is_ended_by_the_other_and_by_zero() -> None:
    assert longest_streaks([]) == Streaks(0, 0)
    assert longest_streaks([D(1), D(1), D(0), D(1), D(-1), D(-1), D(-1)]) == Streaks(2, 3)


@settings(max_examples=60)
@given(ANY)
def test_bounds(pnls: list[Decimal]) -> None:
    share, factor, payoff = win_rate(pnls), profit_factor(pnls), payoff_ratio(pnls)
    assert share is None or 0 <= share <= 1
    assert factor is None or factor >= 0
    assert payoff is None or payoff > 0
    streaks = longest_streaks(pnls)
    assert streaks.wins <= sum(pnl > 0 for pnl in pnls)
    assert streaks.losses <= sum(pnl < 0 for pnl in pnls)


@settings(max_examples=60)
@given(ANY, st.integers(1, 50))
def test_another_unit_of_money_changes_no_ratio(pnls: list[Decimal], unit: int) -> None:
    scaled = [pnl * unit for pnl in pnls]
    for figure in (win_rate, profit_factor, payoff_ratio, expectancy_ratio, sqn):
        before, after = figure(pnls), figure(scaled)
        assert (before is None) == (after is None)
        assert before is None or after is None or float(after) == pytest.approx(float(before))


@settings(max_examples=60)
@given(ANY)
def test_expectancy_is_what_the_shares_of_wins_and_losses_make(pnls: list[Decimal]) -> None:
    won, lost = [p for p in pnls if p > 0], [-p for p in pnls if p < 0]
    slow = 0.0
    if won:
        slow += len(won) / len(pnls) * fmean(map(float, won))
    if lost:
        slow -= len(lost) / len(pnls) * fmean(map(float, lost))
    found = expectancy(pnls)
    assert found is None or float(found) == pytest.approx(slow, abs=1e-9)


@settings(max_examples=60)
@given(ANY)
def test_sqn_agrees_with_a_slow_reference(pnls: list[Decimal]) -> None:
    values = [float(pnl) for pnl in pnls]
    known = len(values) > 1 and len(set(values)) > 1
    slow = sqrt(len(values)) * fmean(values) / stdev(values) if known else None
    found = sqn(pnls)
    assert found == (None if slow is None else pytest.approx(slow, rel=1e-9, abs=1e-9))
