"""Averages of the last rows."""

import numpy as np

from trading.candles import FloatArray
from trading.indicators.contract import checked_length, indicator
from trading.indicators.library import load


def _length(length: int) -> int:
    return checked_length("length", length)


@indicator(columns=1, warmup=_length)
def sma(values: FloatArray, /, length: int) -> FloatArray:
    """The simple mean of the last `length` rows (TA-Lib's SMA). Warm-up: `length` rows."""
    answer: FloatArray = load().SMA(values, length)
    return answer


@indicator(columns=1, warmup=_length)
def wma(values: FloatArray, /, length: int) -> FloatArray:
    """The mean weighted 1, 2 … `length`, the newest row most (TA-Lib's WMA). Warm-up: `length`."""
    answer: FloatArray = load().WMA(values, length)
    return answer


@indicator(columns=1, warmup=_length, remembers=(0,))
def ema(values: FloatArray, /, length: int) -> FloatArray:
    """The exponential average, the new row's weight 2 / (length + 1), seeded by the simple mean of
    the first `length` rows (TA-Lib's EMA, and what charting tools draw). Warm-up: `length` rows.

    The seed fades but is never forgotten: a history that begins elsewhere gives other last digits.
    """
    answer: FloatArray = load().EMA(values, length)
    return answer


@indicator(columns=1, warmup=_length)
def ema_from_first(values: FloatArray, /, length: int) -> FloatArray:
    """The exponential average of `ema`, seeded by the first row alone, as APEX and pandas' `ewm`
    (`adjust=False`) do. Warm-up: `length` rows.
    """
    return seeded_by_first(values, length)[0]


def seeded_by_first(values: FloatArray, *lengths: int) -> list[FloatArray]:
    """`ema_from_first` of each length with its warm-up, for averages of averages: they begin at
    row 0, too.

    TA-Lib seeds by the mean of `length` rows, so the first row is put before the others that often.
    """
    rows, longest = len(values), max(lengths)
    if not rows:
        return [np.empty(0) for _ in lengths]
    padded = np.empty(longest - 1 + rows)
    padded[: longest - 1] = values[0]
    padded[longest - 1 :] = values
    average = load().EMA
    return [average(padded[longest - length :], length)[length - 1 :] for length in lengths]
