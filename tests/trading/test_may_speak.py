"""Where a strategy says beforehand that it has nothing to say, it says nothing."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.trading.examples import series, until
from tests.trading.strategy_parameters import SMALL
from trading.backtest.closes import window
from trading.candles import CandleSeries
from trading.strategies import REGISTRY, Strategy

FORESEEING = [each for each in REGISTRY.values() if each.may_speak is not None]
EACH = pytest.mark.parametrize("strategy", FORESEEING, ids=lambda strategy: strategy.code)


def walk(seed: int, rows: int, step: float, decimals: int) -> CandleSeries:
    """Closes that trend and turn, with shadows; with few decimals, many are equal."""
    draw = np.random.default_rng(seed)
    drift = 0.3 * step * np.sin(np.arange(rows) / 40)
    close = (100 * np.exp(np.cumsum(draw.normal(drift, step)))).round(decimals)
    shadows = (np.abs(draw.normal(0, step * 50, (2, rows)))).round(decimals)
    return series(
        close.tolist(), highs=(close + shadows[0]).tolist(), lows=(close - shadows[1]).tolist()
    )


def spoken(strategy: Strategy, candles: CandleSeries, parameters: object) -> list[int]:
    """The rows at which it says something."""
    needed = strategy.warmup(parameters)
    return [
        row
        for row in range(needed - 1, len(candles))
        if strategy.decide(window(candles, row + 1, needed), parameters)
    ]


@EACH
@settings(max_examples=10)
@given(
    seed=st.integers(0, 10_000),
    step=st.sampled_from([1e-5, 1e-3, 0.03]),
    decimals=st.sampled_from([1, 2, 9]),
    is_small=st.booleans(),
)
def test_it_speaks_only_where_it_said_that_it_may(
    strategy: Strategy, seed: int, step: float, decimals: int, is_small: bool
) -> None:
    assert strategy.may_speak is not None
    parameters = strategy.parse(SMALL[strategy.code] if is_small else {})
    rows = 120 if is_small else strategy.warmup(strategy.parse({})) + 120
    candles = walk(seed, rows, step, decimals)

    may = strategy.may_speak(candles, parameters)

    assert len(may) == len(candles)
    assert may[spoken(strategy, candles, parameters)].all()


@EACH
def test_most_rows_of_a_market_that_trends_are_foreseen_to_be_silent(strategy: Strategy) -> None:
    assert strategy.may_speak is not None
    parameters = strategy.parse({})
    may = strategy.may_speak(walk(1, 1500, 0.002, 4), parameters)[strategy.warmup(parameters) :]

    assert may.mean() < 0.5


@EACH
def test_what_may_be_said_does_not_depend_on_later_candles(strategy: Strategy) -> None:
    assert strategy.may_speak is not None
    parameters, candles = strategy.parse({}), walk(2, 600, 0.002, 4)

    early = strategy.may_speak(until(candles, 400), parameters)

    np.testing.assert_array_equal(strategy.may_speak(candles, parameters)[:400], early)


@EACH
def test_a_history_of_a_candle_or_of_none_says_nothing(strategy: Strategy) -> None:
    assert strategy.may_speak is not None
    for rows in (0, 1):
        may = strategy.may_speak(until(walk(1, 2, 0.002, 4), rows), strategy.parse({}))
        assert not may.any()
