"""Which candles there are to look at."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from apps.market.models import Candle, Instrument, MarketClock
from trading.candles import Timeframe


@dataclass(frozen=True, slots=True)
class Stored:
    """From the first open to the last close that the venue's clock has reached."""

    instrument_id: int
    symbol: str
    timeframe: Timeframe
    first: datetime
    last: datetime


def stored_candles(instrument_ids: Sequence[int]) -> list[Stored]:
    """Of each length that there is, by symbol, the shortest first. One query, two look-ups in an
    index for each.
    """
    lengths = [(member.value, member.duration) for member in Timeframe]
    candles = Candle._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT instrument.id, instrument.symbol, length.timeframe, first.open_time, "  # noqa: S608
            "       last.open_time + length.duration "
            f"FROM {Instrument._meta.db_table} AS instrument "
            f"JOIN {MarketClock._meta.db_table} AS clock USING (venue_id) "
            "CROSS JOIN unnest(%s::text[], %s::interval[]) AS length(timeframe, duration) "
            f"CROSS JOIN LATERAL (SELECT open_time FROM {candles}"
            "   WHERE instrument_id = instrument.id AND timeframe = length.timeframe"
            "   ORDER BY open_time LIMIT 1) AS first "
            f"CROSS JOIN LATERAL (SELECT open_time FROM {candles}"
            "   WHERE instrument_id = instrument.id AND timeframe = length.timeframe"
            "   AND open_time <= clock.now - length.duration"
            "   ORDER BY open_time DESC LIMIT 1) AS last "
            "WHERE instrument.id = ANY(%s) ORDER BY instrument.symbol, length.duration",
            [*map(list, zip(*lengths, strict=True)), list(instrument_ids)],
        )
        return [
            Stored(pk, symbol, Timeframe(length), first, last)
            for pk, symbol, length, first, last in cursor
        ]
