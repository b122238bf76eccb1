"""Momentum swing: hold for days what has risen for weeks. Long only."""

from collections.abc import Sequence
from dataclasses import dataclass

from trading.candles import CandleSeries
from trading.indicators.windows import rolling_mean
from trading.signals import Action, Signal, enter, leave
from trading.strategies.contract import Strategy, parameter
from trading.strategies.crossing import (
    Flags,
    crosses_above,
    crosses_below,
    earlier,
    is_above,
    may_cross,
)


@dataclass(frozen=True, slots=True)
class Parameters:
    momentum: int = parameter(20, minimum=1, maximum=500, about="candles of the rise")
    rise: float = parameter(
        0.05, minimum=0.001, maximum=2, about="rise of those candles that counts, as a fraction"
    )
    average: int = parameter(20, minimum=2, maximum=500, about="candles in the average it stays on")
    stop_loss: float = parameter(
        0.06, minimum=0.001, maximum=0.5, about="stop below the entry, as a fraction"
    )


def warmup(parameters: Parameters) -> int:
    """Rise and average that end now, and those that ended a candle ago."""
    return max(parameters.momentum + 2, parameters.average + 1)


def decide(candles: CandleSeries, parameters: Parameters) -> Sequence[Signal]:
    close, length = candles.close, parameters.average
    before, price = float(close[-2]), float(close[-1])
    average_before, average = float(close[-length - 1 : -1].mean()), float(close[-length:].mean())
    if crosses_below(before, price, average_before, average):
        return (leave(Action.EXIT_LONG, candles.symbol, price, tag="below average"),)
    risen_before, risen = (float(close[at] / close[at - parameters.momentum]) for at in (-2, -1))
    if not crosses_above(risen_before, risen, 1 + parameters.rise) or not is_above(price, average):
        return ()
    stop = parameters.stop_loss
    return (enter(Action.ENTER_LONG, candles.symbol, price, stop_fraction=stop, tag="risen"),)


def may_speak(candles: CandleSeries, parameters: Parameters) -> Flags:
    """The close has passed its average, or its rise what counts."""
    close = candles.close
    risen = may_cross(close / earlier(close, parameters.momentum), 1 + parameters.rise)
    return risen | may_cross(close, rolling_mean(close, parameters.average))


STRATEGY = Strategy(
    code="momentum_swing",
    title="Momentum swing",
    idea="Buys what has risen well for weeks and holds it while it closes above its average. Loses "
    "at turning points of the market, where what rose most falls most, and on gaps over its stop.",
    parameters=Parameters,
    warmup=warmup,
    decide=decide,
    may_speak=may_speak,
)
