"""Momentum scalping: go with a burst of a few candles, for little and not for long."""

from collections.abc import Sequence
from dataclasses import dataclass

from trading.candles import CandleSeries
from trading.signals import Action, Signal, enter, leave
from trading.strategies.contract import Strategy, parameter
from trading.strategies.crossing import Flags, crosses_above, crosses_below, earlier, may_cross


@dataclass(frozen=True, slots=True)
class Parameters:
    momentum: int = parameter(5, minimum=1, maximum=200, about="candles of the burst")
    burst: float = parameter(
        0.006, minimum=0.0001, maximum=0.5, about="move of those candles that is one, as a fraction"
    )
    stop_loss: float = parameter(
        0.004, minimum=0.0005, maximum=0.5, about="stop beyond the entry, as a fraction"
    )
    take_profit: float = parameter(
        0.006, minimum=0, maximum=0.9, about="target beyond the entry, as a fraction; 0 = off"
    )


def warmup(parameters: Parameters) -> int:
    """The move that ends now and the one that ended a candle ago."""
    return parameters.momentum + 2


def decide(candles: CandleSeries, parameters: Parameters) -> Sequence[Signal]:
    before, now = (_move(candles, at, parameters.momentum) for at in (-2, -1))
    if crosses_above(before, now, 1 + parameters.burst):
        return _burst(candles, parameters, Action.EXIT_SHORT, Action.ENTER_LONG)
    if crosses_below(before, now, 1 - parameters.burst):
        return _burst(candles, parameters, Action.EXIT_LONG, Action.ENTER_SHORT)
    price = float(candles.close[-1])
    if crosses_below(before, now, 1):
        return (leave(Action.EXIT_LONG, candles.symbol, price, tag="spent"),)
    if crosses_above(before, now, 1):
        return (leave(Action.EXIT_SHORT, candles.symbol, price, tag="spent"),)
    return ()


def may_speak(candles: CandleSeries, parameters: Parameters) -> Flags:
    """The move has passed what is a burst, or nothing at all."""
    moves = candles.close / earlier(candles.close, parameters.momentum)
    up, down = may_cross(moves, 1 + parameters.burst), may_cross(moves, 1 - parameters.burst)
    return up | down | may_cross(moves, 1)


def _move(candles: CandleSeries, at: int, length: int) -> float:
    """What one became in so many candles."""
    return float(candles.close[at] / candles.close[at - length])


def _burst(
    candles: CandleSeries, parameters: Parameters, out: Action, into: Action
) -> Sequence[Signal]:
    price = float(candles.close[-1])
    entry = enter(
        into,
        candles.symbol,
        price,
        stop_fraction=parameters.stop_loss,
        target_fraction=parameters.take_profit,
        tag="burst",
    )
    return (leave(out, candles.symbol, price, tag="burst"), entry)


STRATEGY = Strategy(
    code="momentum_scalping",
    title="Momentum scalping",
    idea="Goes with a burst of a few candles while volatility is high and takes a small profit. "
    "Loses where bursts fall back at once, and wherever fees are large beside its target.",
    parameters=Parameters,
    warmup=warmup,
    decide=decide,
    may_speak=may_speak,
)
