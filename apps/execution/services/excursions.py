"""Part of step 1: how far the trades that a candle has closed went while they were held."""

from datetime import timedelta

from apps.common import bulk, db
from apps.execution.models import Trade
from apps.execution.services.closes import Close
from apps.market import selectors as market
from trading.candles import floor_time
from trading.excursions import excursions
from trading.signals import Direction

# Of trades that closed longer ago the candles are not coming any more: they stay not known.
ASKED_FOR = timedelta(days=1)


@db.transaction
def measure(close: Close) -> int:
    """Measure the trades of this candle's instruments that were not measured yet; their number.
    Those that opened and closed with the same candles are looked up once.
    """
    waiting = Trade.objects.filter(
        mae=None,
        instrument_id__in=list(close.instruments.get(close.finest, ())),
        closed_at__gt=close.time - ASKED_FOR,
    ).select_for_update()
    trades = list(
        waiting.order_by("id").values_list(
            "id", "instrument_id", "opened_at", "closed_at", "direction", "quantity", "entry_price"
        )
    )
    if not trades:
        return 0
    span_of = {
        pk: (instrument, floor_time(opened, close.finest), closed)
        for pk, instrument, opened, closed, *_ in trades
    }
    spans = list(set(span_of.values()))
    seen = dict(zip(spans, market.extremes(spans, close.finest), strict=True))
    rows = []
    for pk, _, _, _, direction, quantity, entry_price in trades:
        span = seen[span_of[pk]]
        if span is not None:
            rows.append((pk, *excursions(Direction(direction), quantity, entry_price, *span)))
    bulk.update_rows(Trade, ("mae", "mfe"), rows)
    return len(rows)
