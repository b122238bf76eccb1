"""Volatility from 0 to 100 and momentum from -100 to 100: where the last candles stand among those
of the window before them. Both are relative, so one rule fits a calm market and a wild one.

    return      ln(close / the close before)
    realised    standard deviation (of a sample) of the last 20 returns
    volatility  percentile rank of the newest realised one among all of the window: of the others,
                those below it count whole and equal ones half, so 0 is the calmest, 50 the usual
                and 100 the wildest of the window
    move        ln(close / the close 20 candles before)
    z           (newest move - mean of all moves of the window) / their standard deviation; 0 where
                all of them are equal, for then the newest is as every other
    momentum    100 z / 3, no further than -100 and 100

The window is the last year at most. What has fewer than 500 candles in it is not known: None.
"""

from datetime import timedelta

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from trading.candles import FloatArray, Timeframe

# The market's class is read at the close of these candles: a year of them is 8,760, and a class
# that takes two of them to be entered is no older than two hours.
TIMEFRAME = Timeframe.H1
WINDOW = timedelta(days=365)
LEAST_CANDLES = 500
PERIOD = 20
FARTHEST_Z = 3.0
# Logarithmic returns that differ by less are equal: what is left is the rounding of floats.
_DECIMALS = 12
AT_ONCE = 20_000  # windows


def most_candles(timeframe: Timeframe) -> int:
    """How many candles the window holds; of longer ones than 12h too few to know anything."""
    return WINDOW // timeframe.duration


def volatility(closes: FloatArray) -> float | None:
    """Of the window's closes, oldest first. None where it is not known.

    Raises ValueError for a close that is no positive number.
    """
    if not _is_enough(closes):
        return None
    return percentile(realised(closes))


def realised(closes: FloatArray) -> FloatArray:
    """At each close from the 21st on; all of them are positive."""
    returns = np.diff(np.log(closes))
    found = np.empty(max(len(closes) - PERIOD, 0))
    # In parts: a copy of each window of a long history would be many times its size.
    for first in range(0, len(found), AT_ONCE):
        windows = sliding_window_view(returns[first : first + AT_ONCE + PERIOD - 1], PERIOD)
        found[first : first + AT_ONCE] = windows.std(axis=1, ddof=1).round(_DECIMALS)
    return found


def percentile(window: FloatArray) -> float:
    """The rank of the newest realised volatility among those of the window, which ends with it."""
    newest, others = window[-1], window[:-1]
    below = int(np.count_nonzero(others < newest))
    equal = int(np.count_nonzero(others == newest))
    return 50 * (2 * below + equal) / len(others)  # counted in integers: 60 is 60


def momentum(closes: FloatArray) -> float | None:
    """Of the window's closes, oldest first. None where it is not known.

    Raises ValueError for a close that is no positive number.
    """
    if not _is_enough(closes):
        return None
    logs = np.log(closes)
    moves = (logs[PERIOD:] - logs[:-PERIOD]).round(_DECIMALS)
    deviation = float(moves.std(ddof=1))
    if np.all(moves == moves[0]) or not deviation:
        return 0.0
    z = (float(moves[-1]) - float(moves.mean())) / deviation
    return max(-100.0, min(100.0, 100 * z / FARTHEST_Z))


def _is_enough(closes: FloatArray) -> bool:
    if not np.all(np.isfinite(closes)) or not np.all(closes > 0):
        raise ValueError("every close must be a positive number")
    return len(closes) >= LEAST_CANDLES
