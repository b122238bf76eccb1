"""Donchian channel: buy a close above the highest high of the channel, leave below the lowest
low."""

from collections.abc import Sequence
from dataclasses import dataclass

from trading.candles import CandleSeries, FloatArray
from trading.indicators import donchian
from trading.order_kinds import TimeInForce
from trading.signals import Action, Signal, enter, leave
from trading.strategies.contract import ParametersNotUsable, Strategy, parameter
from trading.strategies.crossing import Flags, begins, earlier


@dataclass(frozen=True, slots=True)
class Parameters:
    channel: int = parameter(20, minimum=2, maximum=500, about="candles in the entry channel")
    exit_channel: int = parameter(10, minimum=1, maximum=500, about="candles in the exit channel")
    stop_loss: float = parameter(
        0.03, minimum=0, maximum=0.5, about="stop below the entry, as a fraction; 0 = off"
    )
    trail: float = parameter(
        0, minimum=0, maximum=0.5, about="stop follows the best price by this fraction; 0 = off"
    )
    pullback: float = parameter(
        0, minimum=0, maximum=0.5,
        about="wait, for the session, with a post-only limit this fraction below the break; "
        "0 = off",
    )  # fmt: skip
    confirm: float = parameter(
        0, minimum=0, maximum=0.5,
        about="wait, for the session, with a stop this fraction above the break; 0 = off",
    )  # fmt: skip

    def __post_init__(self) -> None:
        if self.pullback and self.confirm:
            raise ParametersNotUsable("An entry waits for a pullback or to be confirmed, not both.")
        if self.exit_channel > self.channel:
            raise ParametersNotUsable(
                f"exit_channel ({self.exit_channel}) must not be longer than "
                f"channel ({self.channel})."
            )

    @property
    def waits(self) -> bool:
        return self.pullback > 0 or self.confirm > 0


def warmup(parameters: Parameters) -> int:
    """The channel before the last candle, and the one before that: a break is its first close."""
    return parameters.channel + 2


def decide(candles: CandleSeries, parameters: Parameters) -> Sequence[Signal]:
    symbol, price = candles.symbol, float(candles.close[-1])
    if _breaks_up(candles, parameters.channel):
        entry = enter(
            Action.ENTER_LONG,
            symbol,
            price,
            pullback_fraction=parameters.pullback,
            breakout_fraction=parameters.confirm,
            time_in_force=TimeInForce.DAY if parameters.waits else TimeInForce.GTC,
            post_only=parameters.pullback > 0,
            stop_fraction=parameters.stop_loss,
            trail_fraction=parameters.trail,
            tag="break",
        )
        return (leave(Action.EXIT_SHORT, symbol, price, tag="break"), entry)
    if _breaks_down(candles, parameters.exit_channel):
        return (leave(Action.EXIT_LONG, symbol, price, tag="break"),)
    return ()


def may_speak(candles: CandleSeries, parameters: Parameters) -> Flags:
    """The first close beyond a channel, up or down."""
    up = candles.close > earlier(_highest(candles.high, parameters.channel), 1)
    down = -candles.close > earlier(_highest(-candles.low, parameters.exit_channel), 1)
    return begins(up) | begins(down)


def _highest(values: FloatArray, length: int) -> FloatArray:
    return donchian(values, values, length).upper if length > 1 else values


def _breaks_up(candles: CandleSeries, length: int) -> bool:
    """The last close is above the channel and the close before was not above its own."""
    now = candles.close[-1] > candles.high[-length - 1 : -1].max()
    before = candles.close[-2] > candles.high[-length - 2 : -2].max()
    return bool(now and not before)


def _breaks_down(candles: CandleSeries, length: int) -> bool:
    now = candles.close[-1] < candles.low[-length - 1 : -1].min()
    before = candles.close[-2] < candles.low[-length - 2 : -2].min()
    return bool(now and not before)


STRATEGY = Strategy(
    code="donchian_breakout",
    title="Donchian breakout",
    idea="Buys strength: a close above the highest high of the channel. Loses when breaks fail "
    "and price falls back into the channel.",
    parameters=Parameters,
    warmup=warmup,
    decide=decide,
    may_speak=may_speak,
)
