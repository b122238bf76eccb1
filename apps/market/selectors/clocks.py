"""Venues' clocks and what moves them; the instruments that they are for."""

from collections.abc import Sequence
from datetime import datetime

from apps.common.errors import Refused
from apps.market.models import Instrument, MarketClock, VenueFeed
from trading.candles import Timeframe


def market_now(venue_code: str) -> datetime:
    """What time it is at the venue. Raises Refused NO_MARKET_CLOCK."""
    now = MarketClock.objects.filter(venue_id=venue_code).values_list("now", flat=True).first()
    if now is None:
        raise Refused("NO_MARKET_CLOCK", f"The venue '{venue_code}' has no market clock.")
    return now


def acting_at(venue_code: str, wall: datetime) -> datetime:
    """What time it is there for who does something now. Raises Refused NO_MARKET_CLOCK."""
    clock = MarketClock.objects.filter(venue_id=venue_code).first()
    return market_now(venue_code) if clock is None else clock.acting_at(wall)


def time_at(venue_code: str) -> tuple[datetime, Timeframe]:
    """What time it is there, and its finest candles. It has a clock."""
    clock = MarketClock.objects.get(venue_id=venue_code)
    return clock.now, Timeframe(clock.timeframe)


def is_fed(venue_code: str) -> bool:
    """Whether something brings its candles: what is written by hand promises nothing."""
    is_simulated = MarketClock.objects.filter(venue_id=venue_code).exclude(feed="").exists()
    return is_simulated or VenueFeed.objects.filter(venue_id=venue_code).exists()


def wall_clock_venues() -> list[str]:
    """Venues whose clock is the wall's: somebody else's market, not a recording."""
    clocks = MarketClock.objects.filter(seconds_per_candle=None).order_by("venue_id")
    return list(clocks.values_list("venue_id", flat=True))


def simulated_clocks(venue_codes: Sequence[str] = ()) -> list[MarketClock]:
    """Clocks that a feed of ours moves, of these venues only where some are named."""
    clocks = MarketClock.objects.exclude(seconds_per_candle=None).exclude(feed="")
    if venue_codes:
        clocks = clocks.filter(venue_id__in=venue_codes)
    return list(clocks.order_by("venue_id"))


def live_venues() -> list[str]:
    """Venues whose candles a feed is to bring from a live market."""
    simulated = MarketClock.objects.exclude(seconds_per_candle=None).values("venue_id")
    rows = VenueFeed.objects.filter(is_on=True).exclude(venue_id__in=simulated)
    return list(rows.order_by("venue_id").values_list("venue_id", flat=True))


def venue_feed(venue_code: str) -> VenueFeed | None:
    return VenueFeed.objects.filter(venue_id=venue_code).first()


def finest(venue_code: str) -> Timeframe:
    """Of the venue's candles."""
    return Timeframe(MarketClock.objects.get(venue_id=venue_code).timeframe)


def instruments(venue_code: str) -> list[Instrument]:
    return list(Instrument.objects.filter(venue_id=venue_code).order_by("symbol"))
