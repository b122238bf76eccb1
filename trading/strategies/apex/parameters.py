"""The parameters that every version of APEX has."""

from dataclasses import dataclass

from trading.indicators import adx_simple, atr_simple, ema_from_first, macd_from_first, rsi_simple
from trading.strategies.contract import ParametersNotUsable, parameter

# The last candle is compared with the one before, and what was said of that one with the one
# before it.
LOOKS_BACK = 2


@dataclass(frozen=True, slots=True)
class Shared:
    history: int = parameter(
        100, minimum=20, maximum=2000,
        about="candles that are looked at; averages and VWAP begin with the first of them",
    )  # fmt: skip
    ema_fast: int = parameter(9, minimum=2, maximum=500, about="candles in the fast average")
    ema_middle: int = parameter(21, minimum=3, maximum=500, about="candles in the middle average")
    ema_slow: int = parameter(50, minimum=4, maximum=1000, about="candles in the slow average")
    rsi_length: int = parameter(14, minimum=2, maximum=200, about="moves in the RSI")
    macd_fast: int = parameter(12, minimum=2, maximum=200, about="candles in MACD's fast average")
    macd_slow: int = parameter(26, minimum=3, maximum=400, about="candles in MACD's slow average")
    macd_signal: int = parameter(9, minimum=1, maximum=200, about="candles in MACD's signal")
    atr_length: int = parameter(14, minimum=1, maximum=200, about="true ranges in the ATR")
    adx_length: int = parameter(14, minimum=2, maximum=200, about="moves in the ADX")
    min_adx: float = parameter(
        20, minimum=10, maximum=60, about="below it there is no trend; under 10 it filters nothing"
    )
    volume_threshold: float = parameter(
        0.5, minimum=0, maximum=5, about="least volume, of the mean of the last 5 candles"
    )
    volume_min: float = parameter(
        0.3, minimum=0, maximum=5, about="least volume, of the mean of the last 20 candles"
    )
    min_score: int = parameter(3, minimum=1, maximum=5, about="conditions that an entry needs")
    pullback: float = parameter(
        0.005, minimum=0, maximum=0.1,
        about="how near to the middle average or the VWAP a pullback comes, as a fraction",
    )  # fmt: skip
    fees: float = parameter(
        0.0052, minimum=0, maximum=0.1, about="fees of a round trip, as a fraction of the price"
    )
    fee_multiple: float = parameter(
        1, minimum=0, maximum=20, about="times the fees that the distance to the stop must reach"
    )
    dual_rsi: int = parameter(
        0, minimum=0, maximum=1, about="1 = a quick RSI beyond the RSI is a sixth condition"
    )
    rsi_quick: int = parameter(9, minimum=2, maximum=200, about="moves in the quick RSI")

    def __post_init__(self) -> None:
        if not self.ema_fast < self.ema_middle < self.ema_slow:
            raise ParametersNotUsable(
                f"The averages must grow longer, not {self.ema_fast}, {self.ema_middle}, "
                f"{self.ema_slow}."
            )
        if self.macd_fast >= self.macd_slow:
            raise ParametersNotUsable(
                f"macd_fast ({self.macd_fast}) must be less than macd_slow ({self.macd_slow})."
            )
        if self.dual_rsi and self.rsi_quick >= self.rsi_length:
            raise ParametersNotUsable(
                f"rsi_quick ({self.rsi_quick}) must be less than rsi_length ({self.rsi_length})."
            )
        if self.history < self.needed:
            raise ParametersNotUsable(
                f"history ({self.history}) must be at least {self.needed} for these lengths."
            )

    @property
    def needed(self) -> int:
        """The candles from which on every indicator has the values that are looked at."""
        return LOOKS_BACK + max(
            ema_from_first.warmup(self.ema_slow),
            rsi_simple.warmup(max(self.rsi_length, self.rsi_quick)),
            macd_from_first.warmup(self.macd_fast, self.macd_slow, self.macd_signal),
            atr_simple.warmup(self.atr_length),
            adx_simple.warmup(self.adx_length),
        )
