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
from dataclasses import dataclass, fields
from enum import StrEnum

import numpy as np

from trading.candles import CandleSeries, FloatArray
from trading.indicators import adx, atr, ema, macd, rsi

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
class Features:
    """Of the newest candle. NaN = not known: too few candles, or a ratio to nothing."""

    adx: float
    rsi: float
    fast_rsi: float
    widening: float
    volume: float
    spread: float
    has_histogram: float  # 1 or 0
    is_in_order: float  # 1 or 0: the averages rise or fall from the fast one to the slow one

    def missing(self) -> tuple[str, ...]:
        return tuple(item.name for item in fields(self) if np.isnan(getattr(self, item.name)))


def warmup() -> int:
    """The candles that all features need."""
    return max(
        adx.warmup(WILDER), atr.warmup(WILDER) + SHORT_WINDOW - 1, rsi.warmup(WILDER),
        macd.warmup(*MACD), ema.warmup(max(AVERAGES)), LONG_WINDOW,
    )  # fmt: skip


def features(candles: CandleSeries) -> Features:
    close, high, low = candles.close, candles.high, candles.low
    ranges = atr(high, low, close, WILDER)
    recent = close[-LONG_WINDOW:]
    histogram = _last(macd(close, *MACD).histogram)
    fast, middle, slow = (_last(ema(close, length)) for length in AVERAGES)
    return Features(
        adx=_last(adx(high, low, close, WILDER).adx),
        rsi=_last(rsi(close, WILDER)),
        fast_rsi=_last(rsi(close, FAST_RSI)),
        widening=_ratio(_last(ranges), ranges[-SHORT_WINDOW:], SHORT_WINDOW),
        volume=_ratio(_last(candles.volume), candles.volume[-LONG_WINDOW:], LONG_WINDOW),
        spread=_ratio(_deviation(recent), recent, LONG_WINDOW),
        has_histogram=_flag(histogram, abs(histogram) > _SAME * _last(close)),
        is_in_order=_flag(fast + middle + slow, fast > middle > slow or fast < middle < slow),
    )


def probabilities(seen: Features) -> Probabilities | None:
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


def scores(seen: Features) -> Probabilities:
    """The points of each class, as the table above has them."""
    return {
        InstrumentRegime.STRONG_TREND: _points(
            (1.0, seen.adx >= 30), (0.5, seen.adx >= 40), (0.4, bool(seen.is_in_order))
        ),
        InstrumentRegime.WEAK_TREND: _points(
            (1.0, 20 <= seen.adx < 30), (0.3, bool(seen.has_histogram))
        ),
        InstrumentRegime.RANGING: _points(
            (1.0, seen.adx < 20), (0.5, seen.adx < 15), (0.3, 40 <= seen.rsi <= 60)
        ),
        InstrumentRegime.EXPANSION: _expansion(seen),
        InstrumentRegime.MEAN_REVERSION: _points(
            (0.7, not 35 <= seen.fast_rsi <= 65),
            (0.5, seen.adx < 25 and not 40 <= seen.rsi <= 60),
            (0.3, seen.widening < 0.9 and not 35 <= seen.rsi <= 65),
        ),
        InstrumentRegime.VOLATILITY_EXPLOSION: _points(
            (1.0, seen.widening > 2.5),
            (0.8, seen.widening > 2 and seen.volume > 2),
            (0.5, seen.spread > 0.05),
        ),
        InstrumentRegime.CONSOLIDATION: _points(
            (1.0, seen.widening < 0.7 and seen.adx < 20),
            (0.5, seen.spread < 0.01),
            (0.3, seen.volume < 0.6),
        ),
    }


def _expansion(seen: Features) -> float:
    is_backed = seen.widening > 1.5 and seen.volume > 1.3
    return _points(
        (1.0, is_backed), (0.5, not is_backed and seen.widening > 1.2), (0.4, seen.volume > 2)
    )


def _points(*earned: tuple[float, bool]) -> float:
    return sum(points for points, holds in earned if holds)


def _last(column: FloatArray) -> float:
    return float(column[-1]) if len(column) else np.nan


def _deviation(column: FloatArray) -> float:
    return float(column.std(ddof=1)) if len(column) > 1 else np.nan


def _ratio(value: float, column: FloatArray, rows: int) -> float:
    """Of the value to the mean of the column; NaN of fewer rows, and of nothing."""
    mean = float(column.mean()) if len(column) == rows else np.nan
    return value / mean if mean else np.nan


def _flag(known_by: float, holds: bool) -> float:  # noqa: FBT001 - what it says
    return np.nan if np.isnan(known_by) else float(holds)
