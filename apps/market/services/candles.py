"""Writes candles: once each. One that comes late, twice or out of order finds its place or none."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from django.db import connection
from django.db.models.functions import Now

from apps.common import db
from apps.common.bulk import as_array
from apps.market.models import Candle as CandleRow
from apps.market.models import LateCandle
from apps.market.services import arrivals
from trading.candles import Candle, Timeframe, aggregate, floor_time

CandlesById = Mapping[int, Sequence[Candle]]

_TABLE = CandleRow._meta.db_table
_KEY = "instrument_id, timeframe, open_time"
_VALUES = "open, high, low, close, volume"

# One statement: what is new, what came too late for the runs there were, what differs. All of its
# parts see the table as it was before.
_RECORD = f"""
WITH incoming AS (
  SELECT instrument_id, %s AS timeframe, open_time, {_VALUES} FROM unnest(
    %s::bigint[], %s::timestamptz[], %s::numeric(38,18)[], %s::numeric(38,18)[],
    %s::numeric(38,18)[], %s::numeric(38,18)[], %s::numeric(38,18)[]
  ) AS told(instrument_id, open_time, {_VALUES})
), inserted AS (
  INSERT INTO {_TABLE} ({_KEY}, {_VALUES}) SELECT {_KEY}, {_VALUES} FROM incoming
  ON CONFLICT DO NOTHING RETURNING {_KEY}
), late AS ({arrivals.LATE}
), revised AS ({arrivals.REVISED}
)
SELECT count(*) FROM inserted
"""  # noqa: S608 - our own tables


@db.transaction
def record_candles(timeframe: Timeframe, candles: CandlesById) -> int:
    """Keep the candles of each instrument (by id) that are not there yet; how many were new.

    One that is there with other values stays as it is, since strategies have seen it; what came is
    kept beside it as a revision.
    """
    rows = [
        (pk, candle.open_time, candle.open, candle.high, candle.low, candle.close, candle.volume)
        for pk, of_instrument in candles.items()
        for candle in of_instrument
    ]
    if not rows:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(_RECORD, [timeframe.value, *map(as_array, zip(*rows, strict=True))])
        return int(cursor.fetchone()[0])


@db.transaction
def mark_met(timeframe: Timeframe, candles: Mapping[int, Candle]) -> None:
    """These, which came late, have met what they were to meet."""
    rows = LateCandle.objects.filter(
        instrument_id__in=list(candles),
        timeframe=timeframe.value,
        open_time__in={candle.open_time for candle in candles.values()},
    )
    rows.update(met_at=Now())


@db.transaction
def record_coarser(
    instrument_ids: Sequence[int],
    finest: Timeframe,
    wanted: Collection[Timeframe],
    *,
    after: datetime,
    until: datetime,
) -> int:
    """Make the wanted coarser candles that close in `(after, until]` out of the stored finer ones.

    A window with a hole in it makes none. How many were new.
    """
    new = 0
    sources = [finest]
    for timeframe in sorted(set(wanted) - {finest}, key=lambda item: item.minutes):
        fitting = [item for item in sources if timeframe.minutes % item.minutes == 0]
        start, end = floor_time(after, timeframe), floor_time(until, timeframe)
        if not fitting or timeframe.minutes < finest.minutes or start >= end:
            continue
        finer = _stored(instrument_ids, fitting[-1], start, end)
        new += record_candles(
            timeframe, {pk: aggregate(candles, timeframe) for pk, candles in finer.items()}
        )
        sources.append(timeframe)
    return new


def _stored(
    instrument_ids: Sequence[int], timeframe: Timeframe, start: datetime, end: datetime
) -> dict[int, list[Candle]]:
    """The candles in `[start, end)`, by instrument."""
    rows = CandleRow.objects.filter(
        instrument_id__in=instrument_ids,
        timeframe=timeframe.value,
        open_time__gte=start,
        open_time__lt=end,
    ).values_list("instrument_id", "open_time", "open", "high", "low", "close", "volume")
    found: dict[int, list[Candle]] = {}
    for pk, open_time, *values in rows:
        candle = Candle(open_time, open_time + timeframe.duration, *values)
        found.setdefault(pk, []).append(candle)
    return found
