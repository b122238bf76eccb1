"""APEX v7.1: a trend entered on its pullback, sized by the strength of the trend, with the stop
behind the last swing."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from trading.candles import CandleSeries
from trading.signals import Signal
from trading.sizing import SizingPolicy
from trading.strategies import apex
from trading.strategies.apex import exits, sizes
from trading.strategies.apex.bands import Band, Bands
from trading.strategies.apex.deciding import Idea, View, opinion
from trading.strategies.apex.parameters import Shared
from trading.strategies.apex.reading import Reading, read
from trading.strategies.contract import ParametersNotUsable, Strategy, parameter


@dataclass(frozen=True, slots=True)
class Parameters(Shared):
    rsi_low: float = parameter(
        30, minimum=0, maximum=100, about="the RSI of an entry, long or short, is above it"
    )
    rsi_high: float = parameter(70, minimum=0, maximum=100, about="and below this")
    min_position: float = parameter(
        0.02, minimum=0.001, maximum=1, about="least part of the capital of an entry"
    )
    max_position: float = parameter(
        0.10, minimum=0.001, maximum=1, about="largest part of the capital of an entry"
    )

    def __post_init__(self) -> None:
        Shared.__post_init__(self)
        if self.rsi_low >= self.rsi_high:
            raise ParametersNotUsable(
                f"rsi_low ({self.rsi_low}) must be less than rsi_high ({self.rsi_high})."
            )
        if self.min_position > self.max_position:
            raise ParametersNotUsable(
                f"min_position ({self.min_position}) must not be more than "
                f"max_position ({self.max_position})."
            )


def warmup(parameters: Parameters) -> int:
    return parameters.history


def decide(candles: CandleSeries, parameters: Parameters) -> Sequence[Signal]:
    reading = read(candles, parameters)
    return opinion(reading, parameters, _idea(reading, parameters))


def _idea(reading: Reading, parameters: Parameters) -> Idea:
    band = Band(parameters.rsi_low, parameters.rsi_high, has_ends=False)
    view = View(Bands(band, band), parameters.min_score)
    least, most = (
        Decimal(str(part)) for part in (parameters.min_position, parameters.max_position)
    )
    return Idea(
        view=lambda at: view,
        size=lambda score: sizes.by_adx(reading.adx.item(-1), score, least=least, most=most),
        stop=lambda favour: exits.swing_stop(reading.candles, reading.atr.item(-1), favour),
        ladder=lambda stop: exits.by_risk(reading.close, stop, reading.atr.item(-1)),
    )


STRATEGY = Strategy(
    code="apex_v71",
    title="APEX v7.1",
    idea="Enters a trend when it has pulled back and turns again, the larger the stronger the "
    "trend, with the stop behind the last swing. Loses when trends end as soon as they can be "
    "seen, and where fees are large beside the swings.",
    parameters=Parameters,
    warmup=warmup,
    decide=decide,
    sizing=SizingPolicy.FRACTION,
    package=apex,
)
