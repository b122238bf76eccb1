"""What every engine is asked to trade: one place for the numbers. benchmarks/README.md has it in
words."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

TICK, FEE, CASH = 0.01, 0.001, 10**9

# The crossover of simple averages, one unit long or short from its first signal on.
FAST, SLOW, UNITS = 20, 50, 1
# Prices are ticks, so averages that are nearer than this are equal: running sums do not say so.
SAME = TICK / 1000

# RICH. Averages that remember everything agree to 1e-9, wherever they began, after so many candles.
SETTLED = 500
RICH_UNITS = 4
RICH_FAST, RICH_SLOW, LENGTH = 9, 21, 14
RSI_FROM, RSI_TO, LEAST_ADX = 50.0, 75.0, 20.0  # of a long; a short's RSI is 100 less these
STOP_ATRS, TRAIL_ATRS = 2.0, 2.0
RUNGS = ((1.0, 0.5), (2.0, 0.5))  # times the distance to the stop, share of what is left then


class Rich(NamedTuple):
    """Where a long or a short may be entered after the close, and how far its stop is then."""

    long: Flags
    short: Flags
    risk: Floats
    trail: Floats


def rich(talib: Any, high: Floats, low: Floats, close: Floats) -> Rich:
    """Of a whole history, by TA-Lib: for engines that compute their columns beforehand."""
    fast, slow = talib.EMA(close, RICH_FAST), talib.EMA(close, RICH_SLOW)
    strength, trend = talib.RSI(close, LENGTH), talib.ADX(high, low, close, LENGTH)
    atr = talib.ATR(high, low, close, LENGTH)
    settled = np.arange(len(close)) >= SETTLED - 1
    allowed = settled & (trend >= LEAST_ADX)
    return Rich(
        allowed & _crosses(fast, slow) & (strength >= RSI_FROM) & (strength <= RSI_TO),
        allowed & _crosses(slow, fast) & (strength <= 100 - RSI_FROM) & (strength >= 100 - RSI_TO),
        STOP_ATRS * atr,
        TRAIL_ATRS * atr,
    )


def _crosses(over: Floats, under: Floats) -> Flags:
    """From not above to above."""
    found: Flags = over > under
    found[1:] &= ~(over[:-1] > under[:-1])
    return found


def part_of(units: float, done: int, reached: int, floor: Callable[[float], float]) -> float:
    """Whole units that the rungs after `done`, up to `reached`, take of what is held."""
    kept = 1.0
    for _, share in RUNGS[done:reached]:
        kept *= 1 - share
    return floor(units * (1 - kept))


def done_of(units: float) -> int:
    """How many rungs are done when so many units are left."""
    left, done = float(RICH_UNITS), 0
    for _, share in RUNGS:
        if units >= left:
            break
        left, done = left - int(left * share), done + 1
    return done


def nearer(price: float, favour: int) -> float:
    """On the tick, towards the market: where a stop of that direction is put."""
    ticks = favour * price / TICK
    return favour * float(np.ceil(ticks - 1e-6)) * TICK


def moved_stop(
    stop: float, entry: float, close: float, trail: float, favour: int, done: int
) -> float:
    """Where the stop is for the next candle."""
    if not done:
        return stop
    behind = nearer(close - favour * trail, favour)
    for better in (nearer(entry, favour), behind):
        if (close - better) * favour > TICK / 2 and (better - stop) * favour > 0:
            stop = better
    return stop
