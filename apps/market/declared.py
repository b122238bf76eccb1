"""What the venues of instruments declare of themselves."""

from collections.abc import Iterable

from apps.market.models import Instrument
from trading.order_kinds import OrderType


def without_stops(instrument_ids: Iterable[int]) -> set[int]:
    """Those at whose venue no stop can stand."""
    rows = Instrument.objects.filter(pk__any_of=set(instrument_ids), venue__rests_stops=False)
    return set(rows.values_list("pk", flat=True))


def refused_on_paper(instrument_ids: Iterable[int]) -> dict[int, frozenset[OrderType]]:
    """The kinds of orders that the paper venue of each does not take. Takes it all: absent."""
    rows = Instrument.objects.filter(pk__any_of=set(instrument_ids)).exclude(
        venue__rests_stops=True, venue__paper_refuses=[]
    )
    return {row.pk: row.venue.refused_on_paper for row in rows.select_related("venue")}
