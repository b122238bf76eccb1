"""How fast, and which way, closes move."""

from typing import NamedTuple

import numpy as np

from trading.candles import FloatArray
from trading.indicators.averages import seeded_by_first
from trading.indicators.contract import checked_length, indicator
from trading.indicators.library import load
from trading.indicators.windows import rolling_mean, rolling_sum, share

NEUTRAL = 50.0  # of what runs from 0 to 100, where nothing has moved


class Macd(NamedTuple):
    line: FloatArray
    signal: FloatArray
    histogram: FloatArray


class Stochastic(NamedTuple):
    k: FloatArray
    d: FloatArray


def _moves(length: int) -> int:
    """A move takes two rows."""
    return checked_length("length", length, least=2) + 1


@indicator(columns=1, warmup=_moves)
def rsi(close: FloatArray, /, length: int) -> FloatArray:
    """Wilder's relative strength, 0 to 100 (TA-Lib's RSI). Warm-up: `length` + 1 rows.

    Where nothing has moved since the first row it is 50; TA-Lib says 0 there, which would read as
    a market that only falls.
    """
    strength: FloatArray = load().RSI(close, length)
    if len(close) > length and strength[length] == 0:
        moved = np.flatnonzero(close != close[0])
        strength[: moved[0] if len(moved) else None] = NEUTRAL
    return strength


@indicator(columns=1, warmup=_moves, forgets=True)
def rsi_simple(close: FloatArray, /, length: int) -> FloatArray:
    """Relative strength of the simple means of the last `length` gains and losses (Cutler's), as
    APEX has it: 100 where nothing was lost, 50 where nothing moved. Warm-up: `length` + 1 rows.

    TA-Lib has only Wilder's, which remembers all gains and losses.
    """
    moves = np.zeros((2, len(close)))  # up, down; the first row has none
    up, down = moves[:, 1:]
    np.subtract(close[1:], close[:-1], out=down)
    np.maximum(down, 0, out=up)
    np.subtract(up, down, out=down)
    gains, losses = rolling_sum(moves, length)
    return share(gains, gains + losses, of_nothing=NEUTRAL)


def _macd_warmup(fast: int, slow: int, signal: int) -> int:
    checked_length("fast", fast, least=2)
    checked_length("slow", slow, least=2)
    checked_length("signal", signal)
    if fast >= slow:
        raise ValueError(f"fast ({fast}) must be less than slow ({slow}).")
    return slow + signal - 1


@indicator(columns=1, warmup=_macd_warmup, remembers=(0,))
def macd(close: FloatArray, /, fast: int, slow: int, signal: int) -> Macd:
    """The fast average less the slow one, the average of that, and their difference (TA-Lib's
    MACD). Warm-up: `slow` + `signal` - 1 rows, for all three.

    The averages are seeded as `ema` is, but all at the same row: the fast one by the mean of the
    `fast` rows that end where the slow one begins.
    """
    return Macd(*load().MACD(close, fast, slow, signal))


@indicator(columns=1, warmup=_macd_warmup)
def macd_from_first(close: FloatArray, /, fast: int, slow: int, signal: int) -> Macd:
    """`macd` of averages that are seeded by their first row, as APEX has it: of the line's, too,
    whose first row is 0. Warm-up: `slow` + `signal` - 1 rows, for all three.
    """
    quick, late = seeded_by_first(close, fast, slow)
    line = quick - late
    (average,) = seeded_by_first(line, signal)
    return Macd(line, average, line - average)


def _roc_warmup(length: int) -> int:
    return checked_length("length", length) + 1


@indicator(columns=1, warmup=_roc_warmup, forgets=True)
def roc(close: FloatArray, /, length: int) -> FloatArray:
    """The change over `length` rows, in hundredths of the close then (TA-Lib's ROC). Warm-up:
    `length` + 1 rows. Of a close of 0 there is no share: NaN, where TA-Lib says 0.
    """
    change: FloatArray = load().ROC(close, length)
    change[length:][close[:-length] == 0] = np.nan
    change[np.isinf(change)] = np.nan
    return change


def _stochastic_warmup(length: int, smooth: int, signal: int) -> int:
    checked_length("length", length, least=2)
    return length + checked_length("smooth", smooth) + checked_length("signal", signal) - 2


@indicator(columns=3, warmup=_stochastic_warmup, forgets=True)
def stochastic(
    high: FloatArray, low: FloatArray, close: FloatArray, /, length: int, smooth: int, signal: int
) -> Stochastic:
    """Where the close lies between the lowest low (0) and the highest high (100) of the last
    `length` rows: its simple mean of `smooth` rows (%K; 1 = the fast stochastic), and the mean of
    `signal` rows of that (%D). Warm-up: `length` + `smooth` + `signal` - 2 rows, for both.

    TA-Lib's STOCH, but for a market whose highest is its lowest: 50 here, 0 there. A close outside
    of its own candle counts as at the edge.
    """
    lowest, highest = load().MIN(low, length), load().MAX(high, length)
    place = share(close - lowest, highest - lowest, of_nothing=NEUTRAL)
    k = rolling_mean(np.clip(place, 0, 100), smooth)
    return Stochastic(k, rolling_mean(k, signal))
