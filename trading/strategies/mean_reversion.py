"""Mean reversion: buy what lies far below its average, sell what lies far above, leave at it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from trading.candles import CandleSeries
from trading.indicators.windows import rolling_mean
from trading.signals import Action, Signal, enter, leave
from trading.strategies.contract import Strategy, parameter
from trading.strategies.crossing import (
    Flags,
    crosses_above,
    crosses_below,
    is_above,
    may_cross,
)

# A variance by the mean of squares keeps fifteen digits of these squares, so the deviation that is
# its root may be wrong by half as many digits of a price. This is ten times as much.
_UNSURE = 1e-6


@dataclass(frozen=True, slots=True)
class Parameters:
    length: int = parameter(20, minimum=3, maximum=500, about="candles in average and deviation")
    deviations: float = parameter(
        2, minimum=0.5, maximum=10, about="standard deviations from the average that are far"
    )
    stop_loss: float = parameter(
        0.03, minimum=0.001, maximum=0.5, about="stop beyond the entry, as a fraction"
    )


def warmup(parameters: Parameters) -> int:
    return parameters.length + 1


def decide(candles: CandleSeries, parameters: Parameters) -> Sequence[Signal]:
    before, now = (_distance(candles, end, parameters.length) for end in (-1, None))
    if before is None or now is None:
        return ()
    far = parameters.deviations
    if crosses_below(before, now, -far):
        return _far(candles, parameters, Action.EXIT_SHORT, Action.ENTER_LONG)
    if crosses_above(before, now, far):
        return _far(candles, parameters, Action.EXIT_LONG, Action.ENTER_SHORT)
    price = float(candles.close[-1])
    if crosses_above(before, now, 0):
        return (leave(Action.EXIT_LONG, candles.symbol, price, tag="average"),)
    if crosses_below(before, now, 0):
        return (leave(Action.EXIT_SHORT, candles.symbol, price, tag="average"),)
    return ()


def may_speak(candles: CandleSeries, parameters: Parameters) -> Flags:
    """The close has changed sides of its average, or of what is far from it."""
    average = rolling_mean(candles.close, parameters.length)
    squares = rolling_mean(candles.close**2, parameters.length)
    far = parameters.deviations * np.sqrt(np.maximum(squares - average**2, 0))
    unsure = parameters.deviations * _UNSURE * np.sqrt(squares)
    beyond = may_cross(candles.close, average + far, near=unsure)
    below = may_cross(candles.close, average - far, near=unsure)
    return may_cross(candles.close, average) | beyond | below


def _distance(candles: CandleSeries, end: int | None, length: int) -> float | None:
    """Of the last close before `end` from the average, in standard deviations (of a population);
    None = nothing deviates, so nothing is far.
    """
    window = candles.close[:end][-length:]
    average, deviation = float(window.mean()), float(window.std())
    if not is_above(average + deviation, average):
        return None
    return (float(window[-1]) - average) / deviation


def _far(
    candles: CandleSeries, parameters: Parameters, out: Action, into: Action
) -> Sequence[Signal]:
    price = float(candles.close[-1])
    entry = enter(into, candles.symbol, price, stop_fraction=parameters.stop_loss, tag="far")
    return (leave(out, candles.symbol, price, tag="far"), entry)


STRATEGY = Strategy(
    code="mean_reversion",
    title="Mean reversion",
    idea="Buys far below the average and sells far above it while markets are calm. Loses when a "
    "range ends: the trend that begins looks like the best entry of all.",
    parameters=Parameters,
    warmup=warmup,
    decide=decide,
    may_speak=may_speak,
)
