"""What has happened on the market by a given moment. Every question takes that moment: rows may lie
ahead of a venue's clock, and nobody may see them.
"""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from django.db import connection

from apps.market.models import Candle as CandleRow
from apps.market.models import Instrument, LateCandle, MarketClock
from trading.candles import Candle, Timeframe


def last_closes(instrument_ids: Sequence[int], timeframe: Timeframe) -> dict[int, datetime]:
    """The close of the newest stored candle of each. Without any: absent."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT instrument.id, last.open_time "  # noqa: S608 - our own table
            "FROM unnest(%s::bigint[]) AS instrument(id) "
            f"CROSS JOIN LATERAL (SELECT open_time FROM {CandleRow._meta.db_table}"
            "   WHERE instrument_id = instrument.id AND timeframe = %s"
            "   ORDER BY open_time DESC LIMIT 1) AS last",
            [list(instrument_ids), timeframe.value],
        )
        return {pk: opened + timeframe.duration for pk, opened in cursor}


def candles_closing_at(
    instrument_ids: Sequence[int], timeframe: Timeframe, close_time: datetime
) -> dict[int, Candle]:
    """The candle of each instrument that closed at this moment; an instrument without is absent."""
    rows = CandleRow.objects.filter(
        instrument_id__in=instrument_ids,
        timeframe=timeframe.value,
        open_time=close_time - timeframe.duration,
    )
    return {
        pk: Candle(open_time, close_time, *values)
        for pk, open_time, *values in rows.values_list(
            "instrument_id", "open_time", "open", "high", "low", "close", "volume"
        )
    }


def extremes(
    spans: Sequence[tuple[int, datetime, datetime]], timeframe: Timeframe
) -> list[tuple[Decimal, Decimal] | None]:
    """The lowest low and the highest high of each (instrument, first open, last open), both
    included; None where there is no candle. One pass over the index for each span.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT seen.low, seen.high "  # noqa: S608 - our own table
            "FROM unnest(%s::bigint[], %s::timestamptz[], %s::timestamptz[]) WITH ORDINALITY "
            "AS span(instrument_id, first, last, number) CROSS JOIN LATERAL ("
            f"SELECT min(low) AS low, max(high) AS high FROM {CandleRow._meta.db_table} "
            "WHERE instrument_id = span.instrument_id AND timeframe = %s "
            "AND open_time BETWEEN span.first AND span.last) AS seen ORDER BY span.number",
            [*(list(column) for column in zip(*spans, strict=True)), timeframe.value],
        )
        return [None if low is None else (low, high) for low, high in cursor.fetchall()]


def late_arrivals(
    instrument_id: int, timeframe: Timeframe, after: datetime, until: datetime
) -> list[tuple[datetime, datetime]]:
    """(close, when it was written) of candles that close in `(after, until]` and came when later
    ones had been taken, the last to come first."""
    rows = LateCandle.objects.filter(
        instrument_id=instrument_id,
        timeframe=timeframe.value,
        open_time__gt=after - timeframe.duration,
        open_time__lte=until - timeframe.duration,
    ).order_by("-recorded_at", "-open_time")
    return [
        (opened + timeframe.duration, recorded)
        for opened, recorded in rows.values_list("open_time", "recorded_at")
    ]


def unmet_late_candles(
    venue: str, timeframe: Timeframe, since: datetime, until: datetime
) -> list[dict[int, Candle]]:
    """The candles that came late and that no order has met, of those that open at `since` or later
    and close by `until`: for each moment those of its instruments, oldest first."""
    rows = LateCandle.objects.filter(
        instrument__venue_id=venue,
        timeframe=timeframe.value,
        open_time__gte=since,
        open_time__lte=until - timeframe.duration,
        met_at=None,
    )
    found: dict[datetime, list[int]] = {}
    for pk, opened in rows.order_by("open_time").values_list("instrument_id", "open_time"):
        found.setdefault(opened + timeframe.duration, []).append(pk)
    return [candles_closing_at(ids, timeframe, closed) for closed, ids in found.items()]


def oldest_met_late(venue: str, since: datetime) -> datetime | None:
    """When the oldest of the candles opened that came late and that orders have met since then, by
    the wall; None = there was none."""
    met = LateCandle.objects.filter(instrument__venue_id=venue, met_at__gte=since)
    return met.order_by("open_time").values_list("open_time", flat=True).first()


def next_stored_close(
    instrument_ids: Sequence[int], timeframe: Timeframe, after: datetime
) -> datetime | None:
    """The first close after the moment of any of the instruments. None = nothing stored later."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT min(next.open_time) FROM unnest(%s::bigint[]) AS instrument(id) "  # noqa: S608
            f"CROSS JOIN LATERAL (SELECT open_time FROM {CandleRow._meta.db_table}"
            "   WHERE instrument_id = instrument.id AND timeframe = %s AND open_time > %s"
            "   ORDER BY open_time LIMIT 1) AS next",
            [list(instrument_ids), timeframe.value, after - timeframe.duration],
        )
        opened: datetime | None = cursor.fetchone()[0]
    return None if opened is None else opened + timeframe.duration


def last_candle(instrument: Instrument) -> CandleRow | None:
    """The newest of the venue's finest candles that has closed by its clock."""
    clock = MarketClock.objects.filter(venue_id=instrument.venue_id).first()
    if clock is None:
        return None
    finest = Timeframe(clock.timeframe)
    closed = CandleRow.objects.filter(
        instrument=instrument, timeframe=finest.value, open_time__lte=clock.now - finest.duration
    )
    return closed.order_by("-open_time").first()
