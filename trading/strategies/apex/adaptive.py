"""RSI ranges by the state of the market, of which three are told apart. Optional.

The ranges of each state are parameters, refused where they overlap. A strong trend narrows its own
a little, so that nothing is bought late.
"""

from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from trading.strategies.apex.bands import Bands

_TREND, _NO_TREND = 25, 20  # of the ADX
_CALM = 0.03  # ATR, of the price
_NARROWED = ((35, 2.0), (30, 1.0))  # from this ADX on, by so many points
_NARROWEST = 5.0  # points


class Regime(StrEnum):
    TRENDING = "trending"
    RANGING = "ranging"
    VOLATILE = "volatile"


@dataclass(frozen=True, slots=True)
class Adjustment:
    """What an entry needs, and by what its size and target are multiplied."""

    min_score: int
    size: Decimal
    target: float


ADJUSTMENTS = {
    Regime.TRENDING: Adjustment(3, Decimal("1.2"), 1.5),
    Regime.RANGING: Adjustment(4, Decimal("0.8"), 0.8),
    Regime.VOLATILE: Adjustment(4, Decimal("0.7"), 1.0),
}


def regime_of(adx: float, atr: float, price: float) -> Regime:
    if adx >= _TREND:
        return Regime.TRENDING
    if adx < _NO_TREND and atr < _CALM * price:
        return Regime.RANGING
    return Regime.VOLATILE


def narrowed(bands: Bands, regime: Regime, adx: float) -> Bands:
    """A long's range ends earlier and a short's begins later; neither gets narrower than a few
    points, and one that is as narrow already stays.
    """
    points = next((by for floor, by in _NARROWED if adx >= floor), 0.0)
    if regime is not Regime.TRENDING or not points:
        return bands
    long, short = bands.long, bands.short
    high = min(long.high, max(long.high - points, long.low + _NARROWEST))
    low = max(short.low, min(short.low + points, short.high - _NARROWEST))
    return Bands(replace(long, high=high), replace(short, low=low))
