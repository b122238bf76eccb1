"""What has happened on the market by a given moment. Every question takes that moment: rows may lie
ahead of a venue's clock, and nobody may see them.
"""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple, TypedDict

import numpy as np
from django.db import connection
from django.db.models import Count, Max, Min, QuerySet

from apps.market.models import Candle as CandleRow
from apps.market.models import Instrument, LateCandle, MarketClock
from trading.candle_checks import MICROSECOND
from trading.candle_history import VALUES, CandleHistory, ExactColumn
from trading.candles import Candle, CandleSeries, Timeframe

# The six numbers of a candle as one text: read several times faster than as decimals or arrays, and
# without the zeros of eighteen decimals half as long.
_AS_TEXT = (
    "concat_ws(',', extract(epoch FROM open_time)::bigint, trim_scale(open), trim_scale(high), "
    "trim_scale(low), trim_scale(close), trim_scale(volume))"
)


class Span(NamedTuple):
    """How many candles, and when the first and the last of them opened."""

    candles: int
    first: datetime
    last: datetime


class ChartBar(TypedDict):
    """One bar of a chart. `time` is the open, in seconds since the epoch."""

    time: int
    open: float
    high: float
    low: float
    close: float
    volume: float


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


def series(
    instrument_ids: Sequence[int], timeframe: Timeframe, until: datetime, count: int
) -> dict[int, CandleSeries]:
    """The last `count` candles of each that closed at or before `until`. Without any: absent."""
    candles = CandleRow._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT instrument.id, instrument.symbol, past.candles "  # noqa: S608 - our own tables
            f"FROM {Instrument._meta.db_table} AS instrument CROSS JOIN LATERAL ("
            f"  SELECT string_agg({_AS_TEXT}, ',') AS candles FROM ("
            f"    SELECT * FROM {candles} WHERE instrument_id = instrument.id"
            "     AND timeframe = %s AND open_time <= %s ORDER BY open_time DESC LIMIT %s"
            "  ) AS newest"
            ") AS past WHERE instrument.id = ANY(%s) AND past.candles IS NOT NULL",
            [timeframe.value, until - timeframe.duration, count, list(instrument_ids)],
        )
        return {pk: _series(symbol, timeframe, text) for pk, symbol, text in cursor}


def history(
    instrument_id: int, timeframe: Timeframe, until: datetime, *, after: datetime | None = None
) -> CandleHistory:
    """Every candle that closed at or before `until`, and later than `after`, oldest first, with
    exact prices."""
    length = timeframe.duration
    texts = ", ".join(
        f"coalesce(string_agg(trim_scale({name})::text, ',' ORDER BY open_time), '')"
        for name in VALUES
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(string_agg("  # noqa: S608 - our own table
            "(extract(epoch FROM open_time) * 1000000)::bigint::text, ',' ORDER BY open_time), ''"
            f"), {texts} FROM {CandleRow._meta.db_table} "
            "WHERE instrument_id = %s AND timeframe = %s AND open_time <= %s"
            " AND open_time > coalesce(%s, '-infinity'::timestamptz)",
            [
                instrument_id, timeframe.value, until - length,
                None if after is None else after - length,
            ],
        )  # fmt: skip
        opened, *columns = (text.split(",") if text else [] for text in cursor.fetchone())
    opens = np.array(opened, dtype=np.int64)
    exact = (ExactColumn.of_texts(column) for column in columns)
    return CandleHistory(opens, opens + length // MICROSECOND, *exact)


def spans(
    instrument_ids: Sequence[int], timeframe: Timeframe, after: datetime | None, until: datetime
) -> dict[int, Span]:
    """What is stored of each that closed in `(after, until]`. Without any: absent."""
    rows = _closed(instrument_ids, timeframe, after, until).values_list("instrument_id")
    counted = rows.annotate(Count("open_time"), Min("open_time"), Max("open_time")).order_by()
    return {pk: Span(*span) for pk, *span in counted}


def whole_series(
    instrument: Instrument,
    timeframe: Timeframe,
    until: datetime,
    *,
    after: datetime | None = None,
    warmup: int = 0,
) -> CandleSeries:
    """Every candle that closed at or before `until`, as strategies look at them; with `after` those
    that closed later than it, and `warmup` of those before.
    """
    count = _closed([instrument.pk], timeframe, after, until).count()
    if after is not None:
        count += warmup
    found = series([instrument.pk], timeframe, until, max(count, 1))
    return found.get(instrument.pk) or _series(instrument.symbol, timeframe, "")


def _closed(
    instrument_ids: Sequence[int], timeframe: Timeframe, after: datetime | None, until: datetime
) -> QuerySet[CandleRow]:
    """Those that closed in `(after, until]`."""
    rows = CandleRow.objects.filter(
        instrument_id__in=instrument_ids,
        timeframe=timeframe.value,
        open_time__lte=until - timeframe.duration,
    )
    return rows if after is None else rows.filter(open_time__gt=after - timeframe.duration)


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


def ohlc_for_chart(
    instrument: Instrument, timeframe: Timeframe, until: datetime, count: int
) -> list[ChartBar]:
    """The last `count` closed candles, oldest first, in the words of the chart."""
    found = series([instrument.pk], timeframe, until, count).get(instrument.pk)
    if found is None:
        return []
    length = timeframe.minutes * 60
    columns = (found.open, found.high, found.low, found.close, found.volume)
    return [
        ChartBar(time=close_time - length, open=o, high=h, low=low, close=c, volume=v)
        for close_time, o, h, low, c, v in zip(
            found.close_times.tolist(), *(column.tolist() for column in columns), strict=True
        )
    ]


def _series(symbol: str, timeframe: Timeframe, text: str) -> CandleSeries:
    table = np.fromstring(text, sep=",").reshape(-1, 6)
    table = table[table[:, 0].argsort()]  # faster here than in the query
    open_times, *columns = np.ascontiguousarray(table.T)
    close_times = open_times.astype(np.int64) + timeframe.minutes * 60
    return CandleSeries(symbol, timeframe, close_times, *columns)
