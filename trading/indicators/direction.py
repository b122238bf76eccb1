"""Whether there is a trend, and which way: Wilder's directional movement."""

from typing import NamedTuple

import numpy as np

from trading.candles import FloatArray
from trading.indicators.contract import checked_length, indicator
from trading.indicators.library import load
from trading.indicators.ranges import true_range
from trading.indicators.windows import rolling_mean, rolling_sum


class Direction(NamedTuple):
    """Each from 0 to 100: the strength of the trend, and the shares of the range that went up and
    down."""

    adx: FloatArray
    plus: FloatArray
    minus: FloatArray


def _warmup(length: int) -> int:
    return 2 * checked_length("length", length, least=2)


@indicator(columns=3, warmup=_warmup)
def adx(high: FloatArray, low: FloatArray, close: FloatArray, /, length: int) -> Direction:
    """Wilder's ADX, +DI and -DI (TA-Lib's ADX, PLUS_DI, MINUS_DI). Warm-up: twice `length` rows,
    for all three.

    Where nothing has moved they are 0. A row whose high rises by what its low falls moves neither.
    """
    talib = load()
    return Direction(
        talib.ADX(high, low, close, length),
        talib.PLUS_DI(high, low, close, length),
        talib.MINUS_DI(high, low, close, length),
    )


@indicator(columns=3, warmup=_warmup)
def adx_simple(high: FloatArray, low: FloatArray, close: FloatArray, /, length: int) -> Direction:
    """ADX, +DI and -DI with simple means of the last `length` rows in place of Wilder's averages,
    as APEX has them. Warm-up: twice `length` rows, for all three.

    A row whose high rises by what its low falls moves both. Where nothing has moved in `length`
    rows +DI and -DI are 0; the index of a row without either has no value, and the ADX is 0 until
    all of its `length` rows have one.
    """
    up, down = np.diff(high), -np.diff(low)
    reach = rolling_sum(true_range(high, low, close)[1:], length)
    plus = _share(rolling_sum(np.where((up > 0) & (up >= down), up, 0), length), reach)
    minus = _share(rolling_sum(np.where((down > 0) & (down >= up), down, 0), length), reach)
    index = _share(np.abs(plus - minus), plus + minus)
    trend = np.full(len(index), np.nan)
    trend[length - 1 :] = rolling_mean(index[length - 1 :], length)
    unclear = rolling_sum((plus + minus == 0).astype(np.float64), length) > 0
    trend[unclear] = 0
    return Direction(*(np.concatenate([[np.nan], each]) for each in (trend, plus, minus)))


def _share(part: FloatArray, whole: FloatArray) -> FloatArray:
    """In hundredths; 0 of nothing, NaN of what is not known."""
    share = np.where(np.isnan(whole), np.nan, 0.0)
    np.divide(100 * part, whole, out=share, where=whole > 0)
    return share
