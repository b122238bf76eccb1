"""The last prices, and how old one may be and still be one: counted in candles that were to come
while its market was open."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from django.db import connection

from apps.market import sessions
from apps.market.models import Candle as CandleRow
from apps.market.models import Instrument, MarketClock
from trading.candles import Timeframe, next_close

# Longer than any exchange is closed in a row.
LONGEST = timedelta(days=7)
# What is held is worth its last price for so many candles of its venue that nobody traded in: thin
# instruments are silent for minutes. After that nobody knows.
HELD_PATIENCE = 30


def is_fresh(
    calendar: str, through: datetime, now: datetime, finest: Timeframe, *, patience: int
) -> bool:
    """Whether no more than `patience` candles have been missed since `through` while the market
    was open; where the calendar does not know, it was."""
    if now - through > LONGEST:
        return False
    missed, close = 0, next_close(through, finest)
    while close <= now and missed <= patience:
        opens = sessions.opens_at(calendar, close - finest.duration)
        if opens is None or opens < close:
            missed += 1
            close += finest.duration
        else:
            close = next_close(opens, finest)  # a night in one step
    return missed <= patience


class Last(NamedTuple):
    """The newest of the venue's finest candles."""

    instrument_id: int
    price: Decimal
    opened_at: datetime
    timeframe: str
    calendar: str


class Priced(NamedTuple):
    """A last price, and whether it is too old to be the price of anything."""

    price: Decimal
    is_old: bool


def latest_prices(instrument_ids: Sequence[int], until: datetime) -> dict[int, Decimal]:
    """The last close at or before `until` of each venue's finest candles. Without any: absent."""
    return {last.instrument_id: last.price for last in _last(instrument_ids, until)}


def priced(instrument_ids: Sequence[int], until: datetime) -> dict[int, Priced]:
    """As `latest_prices`, with their age."""
    return {
        last.instrument_id: Priced(last.price, is_old=not _is_fresh(last, until))
        for last in _last(instrument_ids, until)
    }


def _is_fresh(last: Last, now: datetime) -> bool:
    finest = Timeframe(last.timeframe)
    through = last.opened_at + finest.duration
    return is_fresh(last.calendar, through, now, finest, patience=HELD_PATIENCE)


def _last(instrument_ids: Sequence[int], until: datetime) -> list[Last]:
    lengths = [(member.value, member.duration) for member in Timeframe]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT instrument.id, last.close, last.open_time, clock.timeframe, "  # noqa: S608
            f"instrument.calendar FROM {Instrument._meta.db_table} AS instrument "
            f"JOIN {MarketClock._meta.db_table} AS clock USING (venue_id) "
            "JOIN unnest(%s::text[], %s::interval[]) AS finest(timeframe, duration) "
            "  ON finest.timeframe = clock.timeframe "
            f"CROSS JOIN LATERAL (SELECT close, open_time FROM {CandleRow._meta.db_table} AS candle"
            "   WHERE instrument_id = instrument.id AND candle.timeframe = clock.timeframe"
            "   AND open_time <= %s - finest.duration ORDER BY open_time DESC LIMIT 1) AS last "
            "WHERE instrument.id = ANY(%s)",
            [*map(list, zip(*lengths, strict=True)), until, list(instrument_ids)],
        )
        return [Last(*row) for row in cursor]
