"""ETF rotation, as one instrument can do it: it is held while it has risen and lies above its long
average, and is otherwise left for cash. It is not compared with other instruments: a strategy sees
one. Run on several, each is in or out by itself. Long only.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from trading.candles import CandleSeries
from trading.indicators.windows import rolling_mean
from trading.signals import Action, Signal, enter, leave
from trading.strategies.contract import Strategy, parameter
from trading.strategies.crossing import Flags, earlier, is_above, may_cross


@dataclass(frozen=True, slots=True)
class Parameters:
    momentum: int = parameter(60, minimum=1, maximum=500, about="candles of its own momentum")
    average: int = parameter(200, minimum=2, maximum=1000, about="candles in the long average")
    stop_loss: float = parameter(
        0.1, minimum=0, maximum=0.5, about="stop below the entry, as a fraction; 0 = off"
    )


def warmup(parameters: Parameters) -> int:
    """Momentum and average that end now, and those that ended a candle ago."""
    return max(parameters.momentum + 2, parameters.average + 1)


def decide(candles: CandleSeries, parameters: Parameters) -> Sequence[Signal]:
    (strong_before, weak_before), (strong, weak) = (
        _judged(candles, end, parameters) for end in (len(candles) - 1, len(candles))
    )
    price = float(candles.close[-1])
    if weak and not weak_before:
        return (leave(Action.EXIT_LONG, candles.symbol, price, tag="weak"),)
    if not strong or strong_before:
        return ()
    stop = parameters.stop_loss
    return (enter(Action.ENTER_LONG, candles.symbol, price, stop_fraction=stop, tag="strong"),)


def may_speak(candles: CandleSeries, parameters: Parameters) -> Flags:
    """What it is judged by has changed sides: where it was, or its average."""
    close = candles.close
    return may_cross(close, earlier(close, parameters.momentum)) | may_cross(
        close, rolling_mean(close, parameters.average)
    )


def _judged(candles: CandleSeries, end: int, parameters: Parameters) -> tuple[bool, bool]:
    """Whether it is strong, and whether weak, at the candle before `end`; at its average, or where
    it was, it is neither.
    """
    close = candles.close[:end]
    last, then = float(close[-1]), float(close[-1 - parameters.momentum])
    average = float(close[-parameters.average :].mean())
    is_strong = is_above(last, then) and is_above(last, average)
    return is_strong, is_above(then, last) or is_above(average, last)


STRATEGY = Strategy(
    code="etf_rotation",
    title="ETF rotation",
    idea="Holds a fund while it has risen and lies above its long average, and cash otherwise. "
    "Loses in markets that swing around that average, and in falls that are faster than it.",
    parameters=Parameters,
    warmup=warmup,
    decide=decide,
    may_speak=may_speak,
)
