"""Volatility capture: a candle that moves much further than usual goes on moving."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from trading.candles import CandleSeries
from trading.indicators import atr_simple
from trading.signals import Action, Signal, enter, leave
from trading.strategies.contract import Strategy, parameter
from trading.strategies.crossing import Flags, earlier, is_above

_ROUNDING = 1e-9  # of a price: more than sums and differences of prices are rounded by
_DIGITS = 6  # of a fraction of the price; more are of no use to an order


@dataclass(frozen=True, slots=True)
class Parameters:
    atr_length: int = parameter(20, minimum=1, maximum=500, about="true ranges in the usual move")
    expansion: float = parameter(
        2, minimum=0.5, maximum=20, about="times the usual move that a candle must have moved"
    )
    stop: float = parameter(
        1, minimum=0.1, maximum=20, about="stop beyond the entry, times the usual move"
    )
    target: float = parameter(
        2, minimum=0, maximum=50, about="target beyond the entry, times the usual move; 0 = off"
    )


def warmup(parameters: Parameters) -> int:
    """The usual move of the candles before the last, the first of which has a close before it."""
    return parameters.atr_length + 2


def decide(candles: CandleSeries, parameters: Parameters) -> Sequence[Signal]:
    seen = candles.last(warmup(parameters))
    usual = float(atr_simple(seen.high, seen.low, seen.close, parameters.atr_length)[-2])
    before, price = float(seen.close[-2]), float(seen.close[-1])
    needed = usual * parameters.expansion
    if not is_above(before + usual, before):
        return ()  # nothing moved: there is nothing that this could be much of
    if is_above(price, before + needed):
        return _expanded(seen, parameters, usual, Action.EXIT_SHORT, Action.ENTER_LONG)
    if is_above(before - needed, price):
        return _expanded(seen, parameters, usual, Action.EXIT_LONG, Action.ENTER_SHORT)
    return ()


def may_speak(candles: CandleSeries, parameters: Parameters) -> Flags:
    """A candle that moved several times the usual move of those before it."""
    close = candles.close
    usual = atr_simple(candles.high, candles.low, close, parameters.atr_length)
    before = earlier(close, 1)
    needed = earlier(usual, 1) * parameters.expansion
    return np.abs(close - before) > needed - _ROUNDING * (close + before)


def _expanded(
    candles: CandleSeries, parameters: Parameters, usual: float, out: Action, into: Action
) -> Sequence[Signal]:
    price = float(candles.close[-1])
    stop = round(parameters.stop * usual / price, _DIGITS)
    leaving = leave(out, candles.symbol, price, tag="expansion")
    if not 0 < stop < 1:
        return (leaving,)  # no price to stop at
    entry = enter(
        into,
        candles.symbol,
        price,
        stop_fraction=stop,
        target_fraction=round(parameters.target * usual / price, _DIGITS),
        tag="expansion",
    )
    return (leaving, entry)


STRATEGY = Strategy(
    code="volatility_capture",
    title="Volatility capture",
    idea="Goes with a candle that moves several times as far as usual. Loses when the move was "
    "all there was: single large orders, and news that was expected.",
    parameters=Parameters,
    warmup=warmup,
    decide=decide,
    may_speak=may_speak,
)
