"""What kind of market it was when each trade of an account was entered, as it was kept then."""

from bisect import bisect_right
from collections.abc import Sequence

from apps.market.models import RegimeSnapshot
from trading.performance.breakdown import UNKNOWN_REGIME
from trading.performance.trips import Trip
from trading.regime import TIMEFRAME


def regimes_at_entry(venue: str, trips: Sequence[Trip]) -> dict[Trip, str]:
    """The class of the venue's market that was in force; "unknown" where none was, or where the
    hour before the entry left no snapshot. One query.
    """
    if not trips:
        return {}
    entries = [trip.entry_time for trip in trips]
    kept = RegimeSnapshot.objects.filter(
        venue_id=venue,
        timeframe=TIMEFRAME.value,
        close_time__gt=min(entries) - TIMEFRAME.duration,
        close_time__lte=max(entries),
    )
    rows = list(kept.order_by("close_time").values_list("close_time", "regime"))
    closes = [closed for closed, _ in rows]
    found = {}
    for trip in trips:
        index = bisect_right(closes, trip.entry_time) - 1
        is_fresh = index >= 0 and trip.entry_time - closes[index] < TIMEFRAME.duration
        found[trip] = (rows[index][1] if is_fresh else "") or UNKNOWN_REGIME
    return found
