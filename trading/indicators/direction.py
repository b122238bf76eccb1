"""Whether there is a trend, and which way: Wilder's directional movement."""

from typing import NamedTuple

import numpy as np

from trading.candles import FloatArray
from trading.indicators.contract import checked_length, indicator
from trading.indicators.library import load
from trading.indicators.ranges import span
from trading.indicators.windows import in_blocks, rolling_sum, share


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
    plus = talib.PLUS_DI(high, low, close, length)
    minus = talib.MINUS_DI(high, low, close, length)
    # TA-Lib's ADX would find both again: it takes longer than the average of what is known here.
    trend = talib.RMA(in_blocks(_index, (plus, minus), 0), length)
    return Direction(trend, plus, minus)


@indicator(columns=3, warmup=_warmup, forgets=True)
def adx_simple(high: FloatArray, low: FloatArray, close: FloatArray, /, length: int) -> Direction:
    """ADX, +DI and -DI with simple means of the last `length` rows in place of Wilder's averages,
    as APEX has them. Warm-up: twice `length` rows, for all three.

    A row whose high rises by what its low falls moves both. Where nothing has moved in `length`
    rows +DI and -DI are 0; the index of a row without either has no value, and the ADX is 0 until
    all of its `length` rows have one.
    """
    up, down = high[1:] - high[:-1], low[:-1] - low[1:]
    moved = np.zeros((3, len(close)))
    moved[0] = span(high, low, close)
    moved[1, 1:] = np.where((up > 0) & (up >= down), up, 0)
    moved[2, 1:] = np.where((down > 0) & (down >= up), down, 0)
    reach, rise, fall = rolling_sum(moved, length)
    plus, minus = share(rise, reach, of_nothing=0), share(fall, reach, of_nothing=0)
    indexes, unclear = rolling_sum(np.stack([_index(plus, minus), plus + minus == 0]), length)
    return Direction(np.where(unclear > 0, 0, indexes / length), plus, minus)


def _index(plus: FloatArray, minus: FloatArray) -> FloatArray:
    """How much of what moved went one way."""
    apart = plus - minus
    np.abs(apart, out=apart)
    return share(apart, plus + minus, of_nothing=0)
