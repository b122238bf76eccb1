"""The conditions and filters of APEX, each alone, on candles that can be read."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.trading.readings import FLAT, Rows, candles, reading
from trading import indicators
from trading.signals import Direction
from trading.strategies.apex import conditions, filters
from trading.strategies.apex.bands import Band, Bands
from trading.strategies.apex.parameters import Shared
from trading.strategies.apex.reading import Reading, read

# Conditions


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({"middle": 99.51, "vwap": 90}, True),
        ({"middle": 90, "vwap": 100.49}, True),
        ({"middle": 99.5, "vwap": 100.51}, False),
        ({"middle": 100.6, "vwap": 99.4}, False),
    ],
)
def test_a_pullback_is_near_the_middle_average_or_the_vwap(
    columns: dict[str, Any], *, expected: bool
) -> None:
    assert conditions.pulls_back(reading(FLAT, **columns), -1, 0.005) is expected


UP, DOWN = 1, -1


@pytest.mark.parametrize(
    ("rows", "favour", "expected"),
    [
        ([(101, 101, 99, 100), (99, 102, 99, 102)], UP, True),
        ([(101, 101, 99, 100), (99, 102, 99, 101)], UP, False),  # not beyond the open before
        ([(101, 101, 99, 100), (100, 102, 99, 102)], UP, False),  # not from below the close
        ([(99, 101, 99, 100), (99, 102, 99, 102)], UP, False),  # nothing to turn
        ([(100, 101, 99, 101), (102, 102, 99, 99)], DOWN, True),
        ([(100, 101, 99, 101), (102, 102, 99, 100)], DOWN, False),
        ([(101, 101, 99, 100), (99, 102, 99, 102)], DOWN, False),
    ],
)
def test_a_candle_engulfs_the_opposite_one_before(
    rows: Rows, favour: int, *, expected: bool
) -> None:
    assert conditions.engulfs(candles(rows), -1, favour) is expected


@pytest.mark.parametrize(
    ("row", "favour", "expected"),
    [
        ((100, 101, 97.9, 101), UP, True),  # a body of 1, a wick of 2.1, a reach of 3.1
        ((100, 101, 98, 101), UP, False),  # a wick of just twice the body
        ((100, 102, 97.9, 101), UP, False),  # 2.1 of 4.1 is not most of it
        ((101, 101, 97.9, 100), UP, False),
        ((100, 100, 98, 100), UP, False),
        ((100, 102.1, 99, 99), DOWN, True),
        ((100, 102, 99, 99), DOWN, False),
        ((99, 102.1, 99, 100), DOWN, False),
    ],
)
def test_a_hammer_and_a_shooting_star(
    row: tuple[float, float, float, float], favour: int, *, expected: bool
) -> None:
    assert conditions.is_hammer(candles([row]), -1, favour) is expected


@pytest.mark.parametrize(("last", "expected"), [(9.0, True), (8.99, False), (40, True)])
def test_the_volume_holds_at_six_tenths_of_the_two_before(last: float, *, expected: bool) -> None:
    assert conditions.volume_holds(candles(FLAT[:4], [99, 10, 20, last]), -1) is expected


@pytest.mark.parametrize(("now", "long", "short"), [(101, 1, 0), (99, 0, 1), (100, 0, 0)])
def test_strength_and_histogram_turn_one_way_or_the_other(
    now: float, long: int, short: int
) -> None:
    seen = reading(FLAT, rsi=now, histogram=now)

    for turned in (conditions.strength_turns, conditions.histogram_turns):
        assert (turned(seen, -1, UP), turned(seen, -1, DOWN)) == (bool(long), bool(short))


@pytest.mark.parametrize(
    ("quick", "rsi", "long", "short"),
    [(61, 60, True, False), (59, 60, False, True), (60, 60, False, False), (81, 80, False, False)],
)
def test_the_dual_rsi_confirms_while_the_rsi_is_in_its_range(
    quick: float, rsi: float, *, long: bool, short: bool
) -> None:
    seen = reading(FLAT, quick_rsi=quick, rsi=rsi, middle=90, vwap=90)
    bands = Bands(Band(30, 70), Band(30, 70))

    def gained(direction: Direction) -> int:
        without, with_it = (
            conditions.score(seen, -1, direction, bands, Shared(dual_rsi=dual)) for dual in (0, 1)
        )
        return with_it - without

    assert (gained(Direction.LONG), gained(Direction.SHORT)) == (long, short)


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [(101, 99, True), (100, 99, True), (99, 98, False), (101, 100, False), (99, 101, False)],
)
def test_the_averages_cross_against_a_long_when_the_fast_one_falls_below(
    before: float, now: float, *, expected: bool
) -> None:
    seen = reading(FLAT, fast=now)
    seen.fast[-2] = before

    assert conditions.averages_cross(seen, Direction.LONG) is expected


@given(
    seed=st.integers(0, 10_000),
    direction=st.sampled_from(Direction),
    dual=st.integers(0, 1),
    at=st.sampled_from([-1, -2]),
)
def test_a_score_is_reached_by_as_many_conditions_as_speak_for_it(
    seed: int, direction: Direction, dual: int, at: int
) -> None:
    seen, parameters = walk(seed, dual_rsi=dual), Shared(dual_rsi=dual)
    bands = Bands(Band(30, 55), Band(45, 70))
    score = conditions.score(seen, at, direction, bands, parameters)

    for least in range(7):
        reached = conditions.reaches(least, seen, at, direction, bands, parameters)
        assert reached is (score >= least)


@given(seed=st.integers(0, 10_000), hole=st.sampled_from([None, 0, 40, 99]))
def test_the_rows_that_are_looked_at_are_those_of_the_whole_window(
    seed: int, hole: int | None
) -> None:
    seen = walk(seed)
    if hole is not None:
        close = seen.candles.close.copy()
        close[hole] = np.nan
        seen = read(replace(seen.candles, close=close), Shared())
    high, low, close = seen.candles.high, seen.candles.low, seen.candles.close

    for lazy, column in (
        (seen.fast, indicators.ema_from_first(close, 9)),
        (seen.middle, indicators.ema_from_first(close, 21)),
        (seen.slow, indicators.ema_from_first(close, 50)),
        (seen.vwap, indicators.vwap(high, low, close, seen.candles.volume)),
        (seen.rsi, indicators.rsi_simple(close, 14)),
        (seen.quick_rsi, indicators.rsi_simple(close, 9)),
        (seen.histogram, indicators.macd_from_first(close, 12, 26, 9).histogram),
        (seen.atr, indicators.atr_simple(high, low, close, 14)),
        (seen.adx, indicators.adx_simple(high, low, close, 14).adx),
    ):
        np.testing.assert_array_equal(lazy[-3:], column[-3:])


def walk(seed: int, **parameters: int) -> Reading:
    """A hundred candles without a plan, of whose closes some are equal."""
    draw = np.random.default_rng(seed)
    opened, closed = 100 + draw.integers(-3, 4, (2, 100)).cumsum(axis=1) * 0.05
    high = np.maximum(opened, closed) + draw.integers(0, 3, 100) * 0.05
    low = np.minimum(opened, closed) - draw.integers(0, 3, 100) * 0.05
    rows = list(zip(opened, high, low, closed, strict=True))
    return read(candles(rows, draw.gamma(2, 5, 100).tolist()), Shared(**parameters))


# Filters


def test_a_volume_is_judged_by_the_mean_that_it_is_part_of() -> None:
    # 1.5 of the mean (4 x 3 + 1.5) / 5 = 2.7 is 0.5555.
    quiet = candles(FLAT[:5], [3, 3, 3, 3, 1.5])
    assert filters.is_traded(quiet, 5, 0.555)
    assert not filters.is_traded(quiet, 5, 0.556)
    assert not filters.is_traded(candles(FLAT[:5], [0] * 5), 5, 0)


TREND = {"vwap": 99.0, "fast": 103.0, "middle": 102.0, "slow": 101.0, "histogram": 0.1, "adx": 21.0}
MIRROR = {**TREND, "vwap": 101.0, "fast": 97.0, "middle": 98.0, "slow": 99.0, "histogram": -0.1}


def trend_of(columns: dict[str, float], volumes: Sequence[float] | None = None) -> Direction | None:
    seen = reading(FLAT, volumes, **columns)
    return filters.trend(seen, min_adx=20, volume_threshold=0.5, volume_min=0.3)


def test_a_trend_needs_all_that_speaks_for_it() -> None:
    assert trend_of(TREND) is Direction.LONG
    assert trend_of(MIRROR) is Direction.SHORT


@pytest.mark.parametrize(
    ("name", "value"),
    [("vwap", 100), ("fast", 102), ("middle", 101), ("histogram", 0), ("adx", 20), ("adx", 19.9)],
)
def test_without_one_of_them_there_is_none(name: str, value: float) -> None:
    assert trend_of({**TREND, name: value}) is None
    if name in ("vwap", "histogram", "adx"):
        assert trend_of({**MIRROR, name: value}) is None


def test_a_quiet_market_has_no_trend() -> None:
    assert trend_of(TREND, [*[10] * 19, 4]) is None  # 4 of a mean of 8.8 in the last five
    assert trend_of(TREND, [*[10] * 19, 5]) is Direction.LONG
    assert trend_of(TREND, [*[100] * 15, *[10] * 5]) is None  # 10 of a mean of 77.5
