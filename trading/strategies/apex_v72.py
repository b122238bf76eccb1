"""APEX v7.2: v7.1 with narrower RSI ranges, the stop measured by the ATR and the size by the
score."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from trading.candles import CandleSeries
from trading.signals import Signal
from trading.sizing import SizingPolicy
from trading.strategies import apex
from trading.strategies.apex import adaptive, exits, sizes
from trading.strategies.apex.adaptive import ADJUSTMENTS, Adjustment, Regime
from trading.strategies.apex.bands import Bands, bands, check_apart
from trading.strategies.apex.deciding import Idea, View, opinion
from trading.strategies.apex.parameters import Shared
from trading.strategies.apex.reading import Reading, read
from trading.strategies.contract import Strategy, parameter

_AS_IT_IS = Adjustment(min_score=0, size=Decimal(1), target=1.0)


def _points(default: float, about: str) -> Any:
    return parameter(default, minimum=0, maximum=100, about=about)


@dataclass(frozen=True, slots=True)
class Parameters(Shared):
    volume_threshold: float = parameter(
        0.4, minimum=0, maximum=5, about="least volume, of the mean of the last 5 candles"
    )
    volume_min: float = parameter(
        0.25, minimum=0, maximum=5, about="least volume, of the mean of the last 20 candles"
    )
    long_low: float = _points(25, "least RSI of a long")
    long_high: float = _points(45, "largest RSI of a long")
    short_low: float = _points(55, "least RSI of a short")
    short_high: float = _points(75, "largest RSI of a short")
    adaptive_rsi: int = parameter(
        0, minimum=0, maximum=1, about="1 = the RSI ranges below, by the state of the market"
    )
    trending_long_low: float = _points(50, "least RSI of a long in a trend")
    trending_long_high: float = _points(55, "largest RSI of a long in a trend")
    trending_short_low: float = _points(60, "least RSI of a short in a trend")
    trending_short_high: float = _points(70, "largest RSI of a short in a trend")
    ranging_long_low: float = _points(20, "least RSI of a long in a range")
    ranging_long_high: float = _points(35, "largest RSI of a long in a range")
    ranging_short_low: float = _points(65, "least RSI of a short in a range")
    ranging_short_high: float = _points(80, "largest RSI of a short in a range")
    volatile_long_low: float = _points(60, "least RSI of a long in a volatile market")
    volatile_long_high: float = _points(62.5, "largest RSI of a long in a volatile market")
    volatile_short_low: float = _points(67.5, "least RSI of a short in a volatile market")
    volatile_short_high: float = _points(70, "largest RSI of a short in a volatile market")

    def __post_init__(self) -> None:
        Shared.__post_init__(self)
        check_apart("fixed", self.bands)
        for regime in Regime:
            check_apart(regime.value, self.bands_of(regime))

    @property
    def bands(self) -> Bands:
        return bands(self.long_low, self.long_high, self.short_low, self.short_high)

    def bands_of(self, regime: Regime) -> Bands:
        ends = ("long_low", "long_high", "short_low", "short_high")
        return bands(*(float(getattr(self, f"{regime.value}_{end}")) for end in ends))


def warmup(parameters: Parameters) -> int:
    return parameters.history


def decide(candles: CandleSeries, parameters: Parameters) -> Sequence[Signal]:
    reading = read(candles, parameters)
    return opinion(reading, parameters, _idea(reading, parameters))


def _idea(reading: Reading, parameters: Parameters) -> Idea:
    return Idea(
        view=lambda at: _view(reading, at, parameters),
        size=lambda score: sizes.by_score(score) * _adjustment(reading, parameters).size,
        stop=lambda favour: exits.atr_stop(reading.close, reading.atr.item(-1), favour),
        ladder=lambda _: exits.by_price(
            reading.close, reading.atr.item(-1), times=_adjustment(reading, parameters).target
        ),
    )


def _adjustment(reading: Reading, parameters: Parameters) -> Adjustment:
    return ADJUSTMENTS[_regime(reading, -1)] if parameters.adaptive_rsi else _AS_IT_IS


def _view(reading: Reading, at: int, parameters: Parameters) -> View:
    """The stricter of what is set and what the state of the market asks for."""
    if not parameters.adaptive_rsi:
        return View(parameters.bands, parameters.min_score)
    regime = _regime(reading, at)
    ranges = adaptive.narrowed(parameters.bands_of(regime), regime, reading.adx.item(at))
    return View(ranges, max(parameters.min_score, ADJUSTMENTS[regime].min_score))


def _regime(reading: Reading, at: int) -> Regime:
    price = reading.candles.close.item(at)
    return adaptive.regime_of(reading.adx.item(at), reading.atr.item(at), price)


STRATEGY = Strategy(
    code="apex_v72",
    title="APEX v7.2",
    idea="Enters a trend on its pullback while the RSI is still low (of a short: high) and turns, "
    "the larger the more speaks for it. Loses when a pullback is the end of the trend, and in "
    "markets whose candles are as long as the way to the target.",
    parameters=Parameters,
    warmup=warmup,
    decide=decide,
    sizing=SizingPolicy.FRACTION,
    most_exposed=sizes.MOST_EXPOSED,
    package=apex,
)
