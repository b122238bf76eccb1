"""In which range the RSI speaks for an entry."""

from dataclasses import dataclass
from functools import lru_cache

from trading.signals import Direction
from trading.strategies.contract import ParametersNotUsable

NEUTRAL_GAP = 5.0
"""Points that lie between what speaks for a long and what speaks for a short."""


@dataclass(frozen=True, slots=True)
class Band:
    low: float
    high: float
    has_ends: bool = True  # whether the ends belong to it

    def holds(self, strength: float) -> bool:
        if self.has_ends:
            return self.low <= strength <= self.high
        return self.low < strength < self.high


@dataclass(frozen=True, slots=True)
class Bands:
    long: Band
    short: Band

    def of(self, direction: Direction) -> Band:
        return self.long if direction is Direction.LONG else self.short


@lru_cache
def bands(long_low: float, long_high: float, short_low: float, short_high: float) -> Bands:
    return Bands(Band(long_low, long_high), Band(short_low, short_high))


def check_apart(name: str, asked: Bands) -> None:
    """Refused, never moved: what runs is what was written. Raises ParametersNotUsable."""
    for side, band in (("long", asked.long), ("short", asked.short)):
        if band.low >= band.high:
            raise ParametersNotUsable(
                f"The RSI range of a {side} ({name}) is empty: {band.low} to {band.high}."
            )
    if asked.long.high + NEUTRAL_GAP > asked.short.low:
        raise ParametersNotUsable(
            f"The RSI ranges ({name}) must lie {NEUTRAL_GAP:g} points apart: a long's ends at "
            f"{asked.long.high}, a short's begins at {asked.short.low}."
        )
