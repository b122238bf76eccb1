"""A story in candles: entries, a stop, a target and exits by signal, on two instruments."""

from datetime import datetime

from apps.market.models import MarketClock
from tests.fakes import MINUTE, MONDAY, VOLUME, Prices, write
from tests.journeys.crowd import Crowd

QUIET: list[Prices] = ["100"] * 4
# Entries at 102, 101 and 106; a stop, a target and an exit by signal.
STORY: list[Prices] = [
    "102", "102.5", ("102", "102", "98", "98"), "98",
    "101", "101.5", ("101.5", "106", "101.5", "105.5"), "105", "103", "103",
    "106", "106.2", "105.9", "104.5", "104.4",
]  # fmt: skip
# The second instrument tells it two candles later, so that entries meet exits.
PATHS = ([*QUIET, *STORY, "104.4", "104.4"], ["100", "100", *QUIET, *STORY])
CLOSES = len(PATHS[0])
"""How many closes it has; on the first four nothing happens."""


def tell(crowd: Crowd, index: int, volume: str = VOLUME) -> datetime:
    """Write the candles of one close and move the clock; the time of the close."""
    opened = MONDAY + index * MINUTE
    for instrument, path in zip(crowd.instruments, PATHS, strict=True):
        write(instrument, [path[index]], opened, volume)
    MarketClock.objects.filter(venue=crowd.venue).update(now=opened + MINUTE)
    return opened + MINUTE
