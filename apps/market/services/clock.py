"""Each venue's clock. It moves forward only: what has happened has happened."""

from datetime import datetime

from apps.brokers.models import Venue
from apps.common import db
from apps.common.errors import Refused
from apps.market.models import MarketClock
from trading.candles import Timeframe


@db.transaction
def ensure_clock(venue: Venue, *, now: datetime, finest: Timeframe) -> MarketClock:
    """The venue's clock; made when it has none yet. One that exists is left as it is."""
    found, _ = MarketClock.objects.get_or_create(
        venue=venue, defaults={"now": now, "timeframe": finest.value}
    )
    return found


@db.transaction
def simulate(venue_code: str, *, feed: str, seconds_per_candle: float, seed: int = 1) -> None:
    """From now on this feed of ours moves the venue's clock, at this pace."""
    MarketClock.objects.filter(venue_id=venue_code).update(
        feed=feed, seconds_per_candle=seconds_per_candle, seed=seed
    )


def advance(venue_code: str, now: datetime) -> None:
    """Move the clock to `now`; to where it is already: no harm.

    Raises Refused CLOCK_WENT_BACK, NO_MARKET_CLOCK.
    """
    clock = MarketClock.objects.filter(venue_id=venue_code)
    if clock.filter(now__lte=now).update(now=now):
        return
    current = clock.values_list("now", flat=True).first()
    if current is None:
        raise Refused("NO_MARKET_CLOCK", f"The venue '{venue_code}' has no market clock.")
    raise Refused(
        "CLOCK_WENT_BACK",
        f"It is {current:%Y-%m-%d %H:%M:%S} at {venue_code}; the clock cannot go back to "
        f"{now:%Y-%m-%d %H:%M:%S}.",
    )
