"""Whether somebody looks after the stops that we hold ourselves: read, never guessed."""

from collections.abc import Iterable
from datetime import timedelta

from django.conf import settings
from django.db.models.functions import Now

from apps.execution.models import PriceWatch
from apps.market import selectors as market
from apps.market.models import Instrument, MarketClock
from trading.candles import Timeframe

# So many candles in a row may be missing while their market is open: a quiet minute has none.
PATIENCE = 3


def watched(instrument_ids: Iterable[int]) -> set[int]:
    """Those whose prices are looked at: by somebody who did so within
    settings.WATCHED_WITHIN_SECONDS, and of a venue from which prices still come."""
    alive = timedelta(seconds=settings.WATCHED_WITHIN_SECONDS)
    rows = PriceWatch.objects.filter(looked_at__gte=Now() - alive)
    through = dict(rows.values_list("venue_id", "through"))
    if not through:
        return set()
    clocks = {
        clock.venue_id: clock for clock in MarketClock.objects.filter(venue_id__in=list(through))
    }
    instruments = Instrument.objects.filter(
        pk__any_of=set(instrument_ids), venue_id__in=list(clocks)
    )
    return {
        pk
        for pk, calendar, venue in instruments.values_list("pk", "calendar", "venue_id")
        if market.is_fresh(
            calendar,
            through[venue],
            clocks[venue].now,
            Timeframe(clocks[venue].timeframe),
            patience=PATIENCE,
        )
    }
