"""Trend riding: enter a trend that has become strong, and let a trailing stop decide when to go."""

from collections.abc import Sequence
from dataclasses import dataclass

from trading.candles import CandleSeries
from trading.indicators import adx, ema
from trading.signals import Action, Signal, enter, leave
from trading.strategies.contract import ParametersNotUsable, Strategy, parameter
from trading.strategies.crossing import is_above

# An average never forgets where its history began: after so many lengths it does not matter.
_SETTLED = 4


@dataclass(frozen=True, slots=True)
class Parameters:
    fast: int = parameter(20, minimum=2, maximum=300, about="candles in the fast average")
    slow: int = parameter(50, minimum=3, maximum=500, about="candles in the slow average")
    adx_length: int = parameter(14, minimum=2, maximum=200, about="candles in the ADX")
    min_adx: float = parameter(25, minimum=10, maximum=80, about="ADX from which on it is strong")
    trail: float = parameter(
        0.03, minimum=0.001, maximum=0.5, about="stop follows the best price by this fraction"
    )

    def __post_init__(self) -> None:
        if self.fast >= self.slow:
            raise ParametersNotUsable(f"fast ({self.fast}) must be less than slow ({self.slow}).")


def warmup(parameters: Parameters) -> int:
    longest = max(ema.warmup(parameters.slow), adx.warmup(parameters.adx_length))
    return _SETTLED * longest + 1


def decide(candles: CandleSeries, parameters: Parameters) -> Sequence[Signal]:
    seen = candles.last(warmup(parameters))
    fast, slow = (ema(seen.close, length) for length in (parameters.fast, parameters.slow))
    strength = adx(seen.high, seen.low, seen.close, parameters.adx_length).adx
    price = float(seen.close[-1])
    rising, falling = (
        [is_above(float(over[at]), float(under[at])) for at in (-2, -1)]
        for over, under in ((fast, slow), (slow, fast))
    )
    is_strong = [bool(strength[at] >= parameters.min_adx) for at in (-2, -1)]
    for going, out, into in (
        (rising, Action.EXIT_SHORT, Action.ENTER_LONG),
        (falling, Action.EXIT_LONG, Action.ENTER_SHORT),
    ):
        if going[1] and is_strong[1] and not (going[0] and is_strong[0]):
            entry = enter(into, seen.symbol, price, trail_fraction=parameters.trail, tag="strong")
            return (leave(out, seen.symbol, price, tag="strong"), entry)
        if going[1] and not going[0]:
            return (leave(out, seen.symbol, price, tag="turned"),)
    return ()


STRATEGY = Strategy(
    code="trend_riding",
    title="Trend riding",
    idea="Enters when the averages agree on a direction and the ADX says that it is strong, and "
    "follows with a stop. Loses in ranges, and late in a trend, when all can see it.",
    parameters=Parameters,
    warmup=warmup,
    decide=decide,
)
