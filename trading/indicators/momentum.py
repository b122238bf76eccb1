"""How fast, and which way, closes move."""

from typing import NamedTuple

import numpy as np

from trading.candles import FloatArray
from trading.indicators.averages import seeded_by_first
from trading.indicators.contract import checked_length, indicator
from trading.indicators.library import load
from trading.indicators.windows import rolling_mean

NEUTRAL = 50.0  # of what runs from 0 to 100, where nothing has moved


class Macd(NamedTuple):
    line: FloatArray
    signal: FloatArray
    histogram: FloatArray


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


@indicator(columns=1, warmup=_moves)
def rsi_simple(close: FloatArray, /, length: int) -> FloatArray:
    """Relative strength of the simple means of the last `length` gains and losses (Cutler's), as
    APEX has it: 100 where nothing was lost, 50 where nothing moved. Warm-up: `length` + 1 rows.

    TA-Lib has only Wilder's, which remembers all gains and losses.
    """
    moves = np.diff(close)
    gains = rolling_mean(np.maximum(moves, 0), length)
    losses = rolling_mean(np.maximum(-moves, 0), length)
    both = gains + losses
    strength = np.full(len(close), NEUTRAL)
    np.divide(100 * gains, both, out=strength[1:], where=both > 0)
    return strength


def _macd_warmup(fast: int, slow: int, signal: int) -> int:
    checked_length("fast", fast, least=2)
    checked_length("slow", slow, least=2)
    checked_length("signal", signal)
    if fast >= slow:
        raise ValueError(f"fast ({fast}) must be less than slow ({slow}).")
    return slow + signal - 1


@indicator(columns=1, warmup=_macd_warmup)
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
    line = seeded_by_first(close, fast) - seeded_by_first(close, slow)
    average = seeded_by_first(line, signal)
    return Macd(line, average, line - average)
