"""How far prices reach."""

import math
from typing import NamedTuple

import numpy as np

from trading.candles import FloatArray
from trading.indicators.contract import checked_length, indicator
from trading.indicators.library import load
from trading.indicators.windows import rolling_mean


class Bands(NamedTuple):
    upper: FloatArray
    middle: FloatArray
    lower: FloatArray


def _one_row() -> int:
    return 1


def _moves(length: int) -> int:
    return checked_length("length", length) + 1


def _length(length: int) -> int:
    return checked_length("length", length)


@indicator(columns=3, warmup=_one_row, forgets=True)
def true_range(high: FloatArray, low: FloatArray, close: FloatArray, /) -> FloatArray:
    """The span of the candle and the close before it (TA-Lib's TRANGE). Warm-up: one row, whose
    range is its high less its low; TA-Lib leaves that row out.
    """
    return span(high, low, close)


def span(high: FloatArray, low: FloatArray, close: FloatArray) -> FloatArray:
    """`true_range` of columns that are known to be whole."""
    found: FloatArray = load().TRANGE(high, low, close)
    found[:1] = high[:1] - low[:1]
    return found


@indicator(columns=3, warmup=_moves, remembers=(0, 1))
def atr(high: FloatArray, low: FloatArray, close: FloatArray, /, length: int) -> FloatArray:
    """Wilder's average of the true range (TA-Lib's ATR). Warm-up: `length` + 1 rows, because the
    first row, which has no close before it, does not count.
    """
    answer: FloatArray = load().ATR(high, low, close, length)
    return answer


@indicator(columns=3, warmup=_length, forgets=True)
def atr_simple(high: FloatArray, low: FloatArray, close: FloatArray, /, length: int) -> FloatArray:
    """The simple mean of the last `length` true ranges, as APEX has it; the first row counts with
    its high less its low. Warm-up: `length` rows. TA-Lib has only Wilder's.
    """
    return rolling_mean(span(high, low, close), length)


def _spread(length: int) -> int:
    return checked_length("length", length, least=2)


def _bollinger_warmup(length: int, deviations: float) -> int:
    if not 0 < deviations < math.inf:
        raise ValueError(f"deviations must be above 0, not {deviations!r}.")
    return _spread(length)


@indicator(columns=1, warmup=_bollinger_warmup, remembers=(0,))
def bollinger(close: FloatArray, /, length: int, deviations: float) -> Bands:
    """The simple mean of `length` closes, and `deviations` standard deviations (of a population:
    divided by `length`) to both sides of it (TA-Lib's BBANDS). Warm-up: `length` rows.
    """
    return Bands(*load().BBANDS(close, length, deviations, deviations))


@indicator(columns=2, warmup=_spread, forgets=True)
def donchian(high: FloatArray, low: FloatArray, /, length: int) -> Bands:
    """The highest high and the lowest low of the last `length` rows, this one among them, and the
    middle between the two (TA-Lib's DONCHIAN). Warm-up: `length` rows.

    A close can only leave the channel of the row before.
    """
    return Bands(*load().DONCHIAN(high, low, length))


@indicator(columns=1, warmup=_spread)
def standard_deviation(values: FloatArray, /, length: int) -> FloatArray:
    """Of the last `length` rows as a population: divided by `length` (TA-Lib's STDDEV). Warm-up:
    `length` rows.
    """
    answer: FloatArray = load().STDDEV(values, length)
    return answer


def _volatility_warmup(length: int, periods_a_year: float) -> int:
    if not 0 < periods_a_year < math.inf:
        raise ValueError(f"periods_a_year must be above 0, not {periods_a_year!r}.")
    return _spread(length) + 1


@indicator(columns=1, warmup=_volatility_warmup)
def realised_volatility(close: FloatArray, /, length: int, periods_a_year: float) -> FloatArray:
    """The standard deviation (of a sample: divided by `length` - 1) of the last `length` log
    returns, as a fraction a year: 0.5 is 50 %. Warm-up: `length` + 1 rows.

    A price that is not above 0 has no return: it counts as NaN.
    """
    logs = np.full(len(close), np.nan)
    np.log(close, out=logs, where=close > 0)
    of_sample = math.sqrt(length / (length - 1) * periods_a_year)
    answer = np.full(len(close), np.nan)
    answer[1:] = standard_deviation(np.diff(logs), length) * of_sample
    return answer
