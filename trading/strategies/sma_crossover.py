"""Two simple moving averages: buy when the fast one crosses above the slow one, sell when below."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from trading.candles import CandleSeries, FloatArray
from trading.signals import Action, Signal, enter, leave
from trading.strategies.columns import DOUBTFUL, Columns, Said, Tools
from trading.strategies.contract import ParametersNotUsable, Strategy, parameter
from trading.strategies.crossing import (
    SAME,
    Flags,
    crosses_above,
    crosses_below,
    is_above,
    may_cross,
)

DOUBT = np.int8(4)
ROUNDING = 1e-13  # of an average of 1,000 values, with room to spare


@dataclass(frozen=True, slots=True)
class Parameters:
    fast: int = parameter(20, minimum=2, maximum=500, about="candles in the fast average")
    slow: int = parameter(50, minimum=3, maximum=1000, about="candles in the slow average")
    stop_loss: float = parameter(
        0.02, minimum=0, maximum=0.5, about="stop below the entry, as a fraction; 0 = off"
    )
    take_profit: float = parameter(
        0.04, minimum=0, maximum=5, about="target above the entry, as a fraction; 0 = off"
    )

    def __post_init__(self) -> None:
        if self.fast >= self.slow:
            raise ParametersNotUsable(f"fast ({self.fast}) must be less than slow ({self.slow}).")


def warmup(parameters: Parameters) -> int:
    """The slow average of the last candle and of the one before."""
    return parameters.slow + 1


def decide(candles: CandleSeries, parameters: Parameters) -> Sequence[Signal]:
    fast_before, fast_now = last_two_averages(candles.close, parameters.fast)
    slow_before, slow_now = last_two_averages(candles.close, parameters.slow)
    if crosses_above(fast_before, fast_now, slow_before, slow_now):
        return _turn(candles, parameters, Action.EXIT_SHORT, Action.ENTER_LONG)
    if crosses_below(fast_before, fast_now, slow_before, slow_now):
        return _turn(candles, parameters, Action.EXIT_LONG, Action.ENTER_SHORT)
    return ()


def may_speak(candles: CandleSeries, parameters: Parameters) -> Flags:
    fast, slow = (_averages(candles.close, each) for each in (parameters.fast, parameters.slow))
    # Running sums, which these averages come from, are no nearer to the exact ones than this.
    largest = float(np.abs(candles.close).max(initial=0.0))
    found = may_cross(fast, slow, near=4 * np.finfo(np.float64).eps * len(candles) * largest)
    found[: parameters.slow] = False
    return found


def _averages(values: FloatArray, length: int) -> FloatArray:
    """The simple average that ends at each candle; too short ones are meaningless."""
    sums = np.concatenate([np.zeros(length), values]).cumsum()
    ends: FloatArray = (sums[length:] - sums[:-length]) / length
    return ends


def last_two_averages(values: FloatArray, length: int) -> tuple[float, float]:
    """The simple average that ended one candle ago, and the one that ends now."""
    # As mean() does it, which takes three times as long to begin.
    before, now = np.add.reduce(values[-length - 1 : -1]), np.add.reduce(values[-length:])
    return float(before) / length, float(now) / length


def _turn(
    candles: CandleSeries, parameters: Parameters, out: Action, into: Action
) -> Sequence[Signal]:
    price = float(candles.close[-1])
    entry = enter(
        into,
        candles.symbol,
        price,
        stop_fraction=parameters.stop_loss,
        target_fraction=parameters.take_profit,
        tag="cross",
    )
    return (leave(out, candles.symbol, price, tag="cross"), entry)


def columns(candles: CandleSeries, parameters: Parameters, tools: Tools) -> Columns:
    said = np.zeros(len(candles), np.int8)
    if len(candles) > parameters.slow:
        turns = tools.compiled(find_turns)
        turns(tools.totals(candles.close), parameters.fast, parameters.slow, said)
    return Columns(-said, said, parameters.stop_loss, parameters.take_profit)


def find_turns(totals: FloatArray, fast: int, slow: int, said: Said) -> None:
    """1 where the fast average crosses above the slow one, -1 where below, from row `slow` on."""
    per_fast, per_slow = 1 / fast, 1 / slow
    ends, of_fast = totals[slow:], totals[slow - fast :]
    side = np.empty(len(ends), np.int8)  # where the fast one lies
    for row in range(len(ends)):  # nothing hangs on the row before, so that several go at once
        fast_now = (ends[row] - of_fast[row]) * per_fast
        slow_now = (ends[row] - totals[row]) * per_slow
        above, below = is_above(fast_now, slow_now), is_above(slow_now, fast_now)
        # The averages of `decide` are rounded otherwise, by some 1e-15 of them.
        doubtful = abs(abs(fast_now - slow_now) - slow_now * SAME) < slow_now * ROUNDING
        side[row] = np.int8(above) - np.int8(below) + DOUBT * np.int8(doubtful)
    later, told = side[1:], said[slow:]
    for row in range(len(later)):
        now, before = later[row], side[row]
        up, down = now == 1 and before != 1, now == -1 and before != -1
        told[row] = np.int8(up) - np.int8(down)
        if now > 1 or before > 1:
            told[row] = DOUBTFUL


STRATEGY = Strategy(
    code="sma_crossover",
    title="SMA crossover",
    idea="Follows a trend once the fast average has crossed the slow one. Loses in a range, "
    "where the averages cross back and forth.",
    parameters=Parameters,
    warmup=warmup,
    decide=decide,
    may_speak=may_speak,
    columns=columns,
)
