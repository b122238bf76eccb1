from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from django.db import connection

from apps.market.models import Candle
from trading.candles import Timeframe

Closes = dict[int, list[Decimal | None]]


def closes_at(
    instrument_ids: Sequence[int], timeframe: Timeframe, moments: Sequence[datetime]
) -> Closes:
    """For each instrument, the last close at or before each of the moments; None = none yet.

    One query, one index look-up per instrument and moment.
    """
    found: Closes = {pk: [None] * len(moments) for pk in instrument_ids}
    if not instrument_ids or not moments:
        return found
    opened = [moment - timeframe.duration for moment in moments]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT instrument.id, moment.number, candle.close "  # noqa: S608 - our own table name
            "FROM unnest(%s::bigint[]) AS instrument(id) "
            "CROSS JOIN unnest(%s::timestamptz[]) WITH ORDINALITY AS moment(at, number) "
            f"CROSS JOIN LATERAL (SELECT close FROM {Candle._meta.db_table} "
            "WHERE instrument_id = instrument.id AND timeframe = %s AND open_time <= moment.at "
            "ORDER BY open_time DESC LIMIT 1) AS candle",
            [list(instrument_ids), opened, timeframe.value],
        )
        for pk, number, close in cursor.fetchall():
            found[pk][number - 1] = close
    return found
