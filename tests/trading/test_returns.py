"""Figures of daily returns: by hand, against slow literal references, and laws for any."""

from collections.abc import Callable
from math import sqrt
from statistics import covariance, fmean, stdev, variance

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trading.performance import returns
from trading.performance.returns import Floats

HAND = np.array([0.1, -0.05, 0.2, -0.1])
DAY = 86_400
ANY = st.lists(st.floats(-0.5, 0.5).map(lambda value: round(value, 4)), max_size=40).map(
    lambda values: np.array(values, dtype=np.float64)
)
UNANNUALISED: list[Callable[[Floats], float | None]] = [returns.omega, returns.cvar_95]
ANNUALISED: list[Callable[..., float | None]] = [
    returns.volatility, returns.sharpe, returns.sortino,
]  # fmt: skip


def close(value: float) -> object:
    return pytest.approx(value, rel=1e-9, abs=1e-9)


def test_by_hand() -> None:
    # Mean 0.0375; squares around it 0.00390625, 0.00765625, 0.02640625, 0.01890625: 0.056875.
    sigma = sqrt(0.056875 / 3)
    assert returns.volatility(HAND, a_year=365) == close(sigma * sqrt(365))
    assert returns.sharpe(HAND, a_year=252) == close(0.0375 / sigma * sqrt(252))
    # Of the downside, 0.0025 and 0.01, over all four days.
    assert returns.sortino(HAND, a_year=365) == close(0.0375 / sqrt(0.0125 / 4) * sqrt(365))
    assert returns.omega(HAND) == close(0.3 / 0.15)
    assert returns.cvar_95(HAND) == close(-0.1)


def test_growth_and_drawdown_by_hand() -> None:
    grown = returns.growth(HAND)
    assert grown == pytest.approx([1, 1.1, 1.045, 1.254, 1.1286])
    falls = returns.drawdowns(grown)
    assert falls == pytest.approx([0, 0, 0.05, 0, 0.1])
    assert returns.ulcer_index(falls) == close(sqrt((0.0025 + 0.01) / 4))


def test_the_yearly_rate_by_hand() -> None:
    assert returns.cagr(1.21, seconds=2 * 365 * DAY) == close(0.1)
    assert returns.cagr(0.0, seconds=365 * DAY) == -1
    assert returns.calmar(0.1, 0.25) == close(0.4)
    assert returns.calmar(0.1, 0.0) is None


def test_the_tail_is_one_in_twenty_rounded_up() -> None:
    assert returns.cvar_95(np.arange(20) / 100) == close(0.0)
    assert returns.cvar_95(np.arange(21) / 100) == close(0.005)
    assert returns.cvar_95(np.arange(-40, 0) / 100) == close(-0.395)


def test_a_market_twice_as_wild_has_a_beta_of_two() -> None:
    assert returns.beta(2 * HAND + 0.01, HAND) == close(2)
    assert returns.alpha(2 * HAND + 0.01, HAND, a_year=365) == close(3.65)


def test_nothing_is_known_of_no_days() -> None:
    none = np.empty(0)
    assert {figure(none) for figure in UNANNUALISED} == {None}
    assert {figure(none, a_year=365) for figure in ANNUALISED} == {None}
    assert returns.ulcer_index(returns.drawdowns(returns.growth(none))) is None
    assert returns.cagr(1.1, seconds=0) is None


@pytest.mark.parametrize("value", [0.1, 0.0, 1 / 3])
def test_days_that_are_all_alike_have_no_sharpe_ratio(value: float) -> None:
    alike = np.full(7, value)
    assert returns.volatility(alike, a_year=365) == 0
    assert returns.sharpe(alike, a_year=365) is None
    assert returns.beta(HAND, np.full(4, value)) is None


def test_without_a_day_that_lost_there_is_no_downside() -> None:
    assert returns.sortino(np.array([0.1, 0.2]), a_year=365) is None
    assert returns.omega(np.array([0.1, 0.2])) is None


@pytest.mark.parametrize("grown", [0.0, 0.9, 1.0, 1.0001, 3.0])
@pytest.mark.parametrize("seconds", [3600, 3 * 3600, 30 * DAY, 364 * DAY - 1])
def test_less_than_a_year_is_not_drawn_out_to_one(grown: float, seconds: int) -> None:
    assert returns.cagr(grown, seconds=seconds) is None


def test_a_year_of_daily_closes_is_one() -> None:
    assert returns.cagr(1.1, seconds=364 * DAY) == close(1.1 ** (365 / 364) - 1)
    assert returns.cagr(1.7e308, seconds=364 * DAY) is None  # more than a float holds


def test_who_lost_all_stays_at_nothing() -> None:
    assert returns.growth(np.array([-1.5, 0.5])).tolist() == [1, 0, 0]


@settings(max_examples=60)
@given(ANY)
def test_ratios_agree_with_slow_references(found: Floats) -> None:
    values = found.tolist()
    sigma = stdev(values) if len(values) > 1 else 0.0
    down = sqrt(fmean([min(value, 0.0) ** 2 for value in values])) if values else 0.0
    lost = sum(-value for value in values if value < 0)
    won = sum(value for value in values if value > 0)
    slow = (
        fmean(values) / sigma * sqrt(365) if sigma else None,
        fmean(values) / down * sqrt(365) if down else None,
        won / lost if lost else None,
    )
    fast = (
        returns.sharpe(found, a_year=365), returns.sortino(found, a_year=365), returns.omega(found),
    )  # fmt: skip
    assert fast == tuple(None if value is None else close(value) for value in slow)


@settings(max_examples=60)
@given(ANY)
def test_drawdown_agrees_with_a_slow_reference_and_its_bounds(found: Floats) -> None:
    worth, peak, slow = 1.0, 1.0, [0.0]
    for value in found.tolist():
        worth *= 1 + value
        peak = max(peak, worth)
        slow.append((peak - worth) / peak)
    falls = returns.drawdowns(returns.growth(found))
    assert falls == pytest.approx(slow, abs=1e-9)
    assert np.all((falls >= 0) & (falls <= 1))
    ulcer = returns.ulcer_index(falls)
    assert ulcer is None or ulcer <= np.max(falls) + 1e-12


@settings(max_examples=60)
@given(ANY, st.integers(0, 2**32 - 1))
def test_the_order_of_days_does_not_matter_to_ratios(found: Floats, seed: int) -> None:
    mixed = np.random.default_rng(seed).permutation(found)
    for figure in UNANNUALISED:
        assert figure(mixed) == pytest.approx(figure(found), abs=1e-9)
    for annual in ANNUALISED:
        assert annual(mixed, a_year=252) == pytest.approx(annual(found, a_year=252), abs=1e-9)


@settings(max_examples=60)
@given(ANY)
def test_the_worst_days_are_no_better_than_the_mean(found: Floats) -> None:
    worst = returns.cvar_95(found)
    assert (worst is None) == (len(found) == 0)
    assert worst is None or np.min(found) - 1e-12 <= worst <= np.mean(found) + 1e-12


@settings(max_examples=60)
@given(st.lists(st.tuples(st.integers(-50, 50), st.integers(-50, 50)), min_size=2, max_size=30))
def test_beta_and_alpha_agree_with_a_slow_reference(pairs: list[tuple[int, int]]) -> None:
    own, other = ([value / 100 for value in side] for side in zip(*pairs, strict=True))
    slope = returns.beta(np.array(own), np.array(other))
    if variance(other) == 0:
        assert slope is None
        return
    slow = covariance(own, other) / variance(other)
    assert slope == close(slow)
    found = returns.alpha(np.array(own), np.array(other), a_year=252)
    assert found == pytest.approx((fmean(own) - slow * fmean(other)) * 252, abs=1e-7)
