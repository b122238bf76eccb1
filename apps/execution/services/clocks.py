"""What time it is for an order: at its venue."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from apps.execution.rows import OrderRow
from apps.market import selectors as market
from apps.market.models import Instrument


def by_clock(orders: Sequence[OrderRow]) -> Iterator[tuple[datetime, list[OrderRow]]]:
    """The orders of each venue, with the time there."""
    instruments = Instrument.objects.filter(pk__in={order.instrument_id for order in orders})
    venue_of: Mapping[int, str] = dict(instruments.values_list("pk", "venue_id"))
    for venue in sorted(set(venue_of.values())):
        theirs = [order for order in orders if venue_of[order.instrument_id] == venue]
        yield market.market_now(venue), theirs


def acting(instrument_ids: Iterable[int], wall: datetime) -> dict[int, datetime]:
    """What time it is at the venue of each for who does something now."""
    rows = Instrument.objects.filter(pk__any_of=set(instrument_ids))
    found = rows.select_related("venue__marketclock")
    return {row.pk: row.venue.marketclock.acting_at(wall) for row in found}


def by_instrument(instrument_ids: Iterable[int]) -> dict[int, datetime]:
    """What time it is at the venue of each."""
    rows = Instrument.objects.filter(pk__any_of=set(instrument_ids))
    venue_of = dict(rows.values_list("pk", "venue_id"))
    now = {venue: market.market_now(venue) for venue in set(venue_of.values())}
    return {pk: now[venue] for pk, venue in venue_of.items()}
