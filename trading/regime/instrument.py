"""The class of one instrument, for the strategies that look at it: seven classes score points, the
points become probabilities, and another class is entered only when it leads by 0.10.

    strong_trend          ADX >= 30: 1.0; ADX >= 40: 0.5; the averages of 9, 21, 50 in order: 0.4
    weak_trend            20 <= ADX < 30: 1.0; MACD histogram not 0: 0.3
    ranging               ADX < 20: 1.0; ADX < 15: 0.5; 40 <= RSI 14 <= 60: 0.3
    expansion             widening > 1.5 with volume > 1.3: 1.0, else widening > 1.2: 0.5;
                          volume > 2: 0.4
    mean_reversion        RSI 9 < 35 or > 65: 0.7; ADX < 25 with RSI 14 < 40 or > 60: 0.5;
                          widening < 0.9 with RSI 14 < 35 or > 65: 0.3
    volatility_explosion  widening > 2.5: 1.0; > 2 with volume > 2: 0.8; spread > 5 %: 0.5
    consolidation         widening < 0.7 with ADX < 20: 1.0; spread < 1 %: 0.5; volume < 0.6: 0.3

ADX, RSI, ATR (14) are Wilder's, MACD is 12, 26, 9. Widening: ATR / mean of the last 14 ATRs.
Volume: of the candle / mean of the last 20. Spread: standard deviation (of a sample) of the last 20
closes / their mean. Each mean has the newest candle in it.
"""

# ruff: noqa: PLR2004 - each of them is in the table above
from collections.abc import Callable
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from trading.candles import CandleSeries, FloatArray
from trading.indicators import adx, atr, ema, macd, rsi
from trading.regime.measures import AT_ONCE

LEAD = 0.10
WILDER, FAST_RSI, SHORT_WINDOW, LONG_WINDOW = 14, 9, 14, 20
AVERAGES = (9, 21, 50)
MACD = (12, 26, 9)
# A histogram nearer to 0 than this fraction of the price is the rounding of floats.
_SAME = 1e-12


class InstrumentRegime(StrEnum):
    """Of two that score alike, the one that stands first here is meant."""

    STRONG_TREND = "strong_trend"
    WEAK_TREND = "weak_trend"
    RANGING = "ranging"
    EXPANSION = "expansion"
    MEAN_REVERSION = "mean_reversion"
    VOLATILITY_EXPLOSION = "volatility_explosion"
    CONSOLIDATION = "consolidation"


Probabilities = dict[InstrumentRegime, float]
N = TypeVar("N", float, FloatArray)  # of one candle, or of each of a history

# By how much a strategy that minds the class multiplies its size.
SIZE_MULTIPLIER = {
    InstrumentRegime.STRONG_TREND: 1.25,
    InstrumentRegime.WEAK_TREND: 1.0,
    InstrumentRegime.RANGING: 0.80,
    InstrumentRegime.EXPANSION: 1.10,
    InstrumentRegime.MEAN_REVERSION: 0.90,
    InstrumentRegime.VOLATILITY_EXPLOSION: 0.35,
    InstrumentRegime.CONSOLIDATION: 0.70,
}


@dataclass(frozen=True, slots=True)
class Features(Generic[N]):
    """Of the newest candle, or of each. NaN = not known: too few candles, a ratio to nothing."""

    adx: N
    rsi: N
    fast_rsi: N
    widening: N
    volume: N
    spread: N
    has_histogram: N  # 1 or 0
    is_in_order: N  # 1 or 0: the averages rise or fall from the fast one to the slow one

    def missing(self) -> tuple[str, ...]:
        """Names of what is not known of any candle."""
        return tuple(
            item.name for item in fields(self) if np.any(np.isnan(getattr(self, item.name)))
        )


def warmup() -> int:
    """The candles that all features need."""
    return max(
        adx.warmup(WILDER), atr.warmup(WILDER) + SHORT_WINDOW - 1, rsi.warmup(WILDER),
        macd.warmup(*MACD), ema.warmup(max(AVERAGES)), LONG_WINDOW,
    )  # fmt: skip


def features(candles: CandleSeries) -> Features[float]:
    """Of the newest candle."""
    columns = feature_columns(candles)
    return Features(*(_last(getattr(columns, item.name)) for item in fields(columns)))


def feature_columns(candles: CandleSeries) -> Features[FloatArray]:
    """Of each candle, from what came up to it; as long as the candles."""
    close, high, low = candles.close, candles.high, candles.low
    ranges = atr(high, low, close, WILDER)
    histogram = macd(close, *MACD).histogram
    fast, middle, slow = (ema(close, length) for length in AVERAGES)
    rises, falls = (fast > middle) & (middle > slow), (fast < middle) & (middle < slow)
    return Features(
        adx=adx(high, low, close, WILDER).adx,
        rsi=rsi(close, WILDER),
        fast_rsi=rsi(close, FAST_RSI),
        widening=_ratio(ranges, ranges, SHORT_WINDOW),
        volume=_ratio(candles.volume, candles.volume, LONG_WINDOW),
        spread=_ratio(_deviations(close, LONG_WINDOW), close, LONG_WINDOW),
        has_histogram=_flags(histogram, np.abs(histogram) > _SAME * close),
        is_in_order=_flags(fast + middle + slow, rises | falls),
    )


def probabilities(seen: Features[float]) -> Probabilities | None:
    """The points of each class as shares of all points; None while a feature is not known."""
    if seen.missing():
        return None
    points = scores(seen)
    total = sum(points.values())  # above 0: every ADX scores for one class
    return {regime: score / total for regime, score in points.items()}


def choose(
    current: InstrumentRegime | None, found: Probabilities | None
) -> InstrumentRegime | None:
    """The class from now on; None = not known. One that is in force stays unless another leads it
    by 0.10 or more. What is not known now ends it: it may have ended unseen.
    """
    if found is None:
        return None
    best = max(found, key=lambda regime: found[regime])  # of equals, the first
    if current is None or found[best] - found[current] >= LEAD:
        return best
    return current


def scores(seen: Features[N]) -> dict[InstrumentRegime, N]:
    """The points of each class, as the table above has them."""
    return {
        InstrumentRegime.STRONG_TREND: _points(
            (1.0, seen.adx >= 30), (0.5, seen.adx >= 40), (0.4, seen.is_in_order > 0)
        ),
        InstrumentRegime.WEAK_TREND: _points(
            (1.0, (seen.adx >= 20) & (seen.adx < 30)), (0.3, seen.has_histogram > 0)
        ),
        InstrumentRegime.RANGING: _points(
            (1.0, seen.adx < 20), (0.5, seen.adx < 15), (0.3, (seen.rsi >= 40) & (seen.rsi <= 60))
        ),
        # 0.5 for one above 1.2, and as much again where it is backed.
        InstrumentRegime.EXPANSION: _points(
            (0.5, seen.widening > 1.2), (0.5, (seen.widening > 1.5) & (seen.volume > 1.3)),
            (0.4, seen.volume > 2),
        ),
        InstrumentRegime.MEAN_REVERSION: _points(
            (0.7, _is_outside(seen.fast_rsi, 35, 65)),
            (0.5, (seen.adx < 25) & _is_outside(seen.rsi, 40, 60)),
            (0.3, (seen.widening < 0.9) & _is_outside(seen.rsi, 35, 65)),
        ),
        InstrumentRegime.VOLATILITY_EXPLOSION: _points(
            (1.0, seen.widening > 2.5),
            (0.8, (seen.widening > 2) & (seen.volume > 2)),
            (0.5, seen.spread > 0.05),
        ),
        InstrumentRegime.CONSOLIDATION: _points(
            (1.0, (seen.widening < 0.7) & (seen.adx < 20)),
            (0.5, seen.spread < 0.01),
            (0.3, seen.volume < 0.6),
        ),
    }  # fmt: skip


def _points(*earned: tuple[float, Any]) -> Any:
    return sum(points * holds for points, holds in earned)


def _is_outside(value: Any, low: float, high: float) -> Any:
    return (value < low) | (value > high)


def _last(column: FloatArray) -> float:
    return float(column[-1]) if len(column) else np.nan


def _deviations(column: FloatArray, rows: int) -> FloatArray:
    return _of_windows(column, rows, lambda windows: windows.std(axis=1, ddof=1))


def _ratio(values: FloatArray, column: FloatArray, rows: int) -> FloatArray:
    """Of each to the mean of the last rows of the column; NaN of fewer rows, and of nothing."""
    means = _of_windows(column, rows, lambda windows: windows.mean(axis=1))
    found: FloatArray = np.full(len(values), np.nan)
    np.divide(values, means, out=found, where=means != 0)
    return found


def _of_windows(
    column: FloatArray, rows: int, said: Callable[[FloatArray], FloatArray]
) -> FloatArray:
    """What is said of the last rows at each; NaN of fewer. In parts: a copy of each window of a
    long history would be many times its size."""
    found = np.full(len(column), np.nan)
    for first in range(rows - 1, len(column), AT_ONCE):
        part = column[first - rows + 1 : first + AT_ONCE]
        found[first : first + AT_ONCE] = said(sliding_window_view(part, rows))
    return found


def _flags(known_by: FloatArray, holds: NDArray[np.bool_]) -> FloatArray:
    return np.where(np.isnan(known_by), np.nan, holds)
