"""What was traded, and at which price on average."""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from trading.candles import FloatArray
from trading.indicators.contract import indicator
from trading.indicators.library import load

_DAY_SECONDS = 86_400


def _one_row() -> int:
    return 1


@indicator(columns=4, warmup=_one_row)
def vwap(high: FloatArray, low: FloatArray, close: FloatArray, volume: FloatArray, /) -> FloatArray:
    """The mean of (high + low + close) / 3, weighted by volume, of all rows from the first on
    (TA-Lib's VWAP). Warm-up: one row. Until something was traded it is the close.

    Its value depends on where the history begins: `vwap_of_day` does not.
    """
    return _vwap(high, low, close, volume)


@indicator(columns=5, warmup=_one_row)
def vwap_of_day(
    high: FloatArray,
    low: FloatArray,
    close: FloatArray,
    volume: FloatArray,
    close_times: NDArray[np.int64],
    /,
) -> FloatArray:
    """`vwap` that begins anew with each UTC day. `close_times` are seconds since the epoch, rising;
    a candle that closes at midnight belongs to the day that ends. Warm-up: one row.
    """
    if (np.diff(close_times) <= 0).any():
        raise ValueError("close_times must rise.")
    days = (close_times - 1) // _DAY_SECONDS
    edges = [0, *np.flatnonzero(np.diff(days)) + 1, len(days)]
    answer = np.empty(len(close))
    for begin, end in pairwise(edges):
        day = slice(begin, end)
        answer[day] = _vwap(high[day], low[day], close[day], volume[day])
    return answer


def _vwap(high: FloatArray, low: FloatArray, close: FloatArray, volume: FloatArray) -> FloatArray:
    answer: FloatArray = load().VWAP(high, low, close, volume)
    traded = volume != 0
    begin = int(np.argmax(traded)) if traded.any() else len(volume)
    answer[:begin] = close[:begin]
    return answer
