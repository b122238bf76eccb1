"""Which candles have closed and were not yet taken through the pipeline."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from apps.common import db, metrics
from apps.common.locks import session_lock
from apps.events import services as events
from apps.market import selectors as market
from apps.market import sessions
from apps.market.models import Candle as CandleRow
from apps.market.models import Instrument
from apps.market.services import cursors
from apps.strategies import selectors as strategies
from apps.strategies import services as runs
from trading.candles import Candle, Timeframe, boundaries, floor_time

NO_CANDLE = "NO_CANDLE"
TOO_LATE = "TOO_LATE"
# A gap longer than this many candles is recorded by its newest part only.
LONGEST_GAP = 2_000


@dataclass(frozen=True, slots=True)
class Close:
    """One moment at which candles of a venue closed.

    `instruments` are by the timeframe whose candle closed. Strategies look at `latest` timeframes
    only: those of which no newer boundary has passed; of the others the close came too late to act
    on.
    """

    venue: str
    time: datetime
    finest: Timeframe
    instruments: Mapping[Timeframe, Sequence[int]]
    latest: frozenset[Timeframe]

    @property
    def open_time(self) -> datetime:
        return self.time - self.finest.duration

    def candles(self) -> dict[int, Candle]:
        """The venue's finest candles, by instrument: what orders are matched on."""
        ids = self.instruments.get(self.finest, ())
        return market.candles_closing_at(ids, self.finest, self.time)


@contextmanager
def one_closer(venue: str, *, wait: bool) -> Iterator[bool]:
    """Candles of a venue go through one at a time, in order. Yields False when somebody is at
    it."""
    with session_lock(f"execution.close.{venue}", wait=wait) as is_ours:
        yield is_ours


def due(venue: str, now: datetime) -> list[Close]:
    """Every close at or before `now` that was not taken yet, oldest first."""
    finest = market.finest(venue)
    timeframes = strategies.timeframes_in_use(venue) | {finest}
    ids = list(Instrument.objects.filter(venue_id=venue).values_list("pk", flat=True))
    _follow(ids, timeframes, now)
    through = cursors.cursors(ids)
    found: dict[datetime, dict[Timeframe, list[int]]] = {}
    for timeframe in sorted(timeframes, key=lambda item: item.minutes):
        starts = {pk: through[pk, timeframe] for pk in ids}
        for instrument_id, close_time in _closed(starts, timeframe, now):
            found.setdefault(close_time, {}).setdefault(timeframe, []).append(instrument_id)
    return [
        Close(
            venue=venue,
            time=time,
            finest=finest,
            instruments=found[time],
            latest=frozenset(frame for frame in found[time] if floor_time(now, frame) == time),
        )
        for time in sorted(found)
    ]


def record_misses(close: Close) -> None:
    """Write down every close since the last one that no strategy could look at, and this one if it
    came too late: sum of looked at and missed = closes that were expected. None is while the
    instrument's exchange is closed.
    """
    versions = strategies.active_versions(close.venue)
    calendars = dict(Instrument.objects.filter(venue=close.venue).values_list("pk", "calendar"))
    for timeframe, instrument_ids in close.instruments.items():
        of_frame = [version for version in versions if version.timeframe == timeframe.value]
        if not of_frame:
            continue
        through = cursors.cursors(instrument_ids)
        offered = strategies.instruments_of(of_frame)
        for pk in instrument_ids:
            takers = [version for version in of_frame if pk in offered[version.pk]]
            before = close.time - timeframe.duration
            closes = boundaries(through[pk, timeframe], before, timeframe)[-LONGEST_GAP:]
            gap = sessions.expected(calendars[pk], closes, timeframe.duration)
            if gap:
                runs.record_missed(takers, pk, gap, NO_CANDLE)
            if timeframe not in close.latest:
                runs.record_missed(takers, pk, [close.time], TOO_LATE)


@db.transaction
def finish(close: Close) -> None:
    """The close has been taken: move the cursors, and whoever moved one tells of the prices."""
    moved = sum(
        cursors.move_cursors(instrument_ids, timeframe, close.time)
        for timeframe, instrument_ids in close.instruments.items()
    )
    if moved:
        events.record("candles.closed", user_id=None, happened_at=close.time, venue=close.venue)


def measure_lag(venue: str, now: datetime, taken: Sequence[Close]) -> None:
    if taken:
        lag = (now - taken[-1].time).total_seconds()
        metrics.CANDLE_LAG_SECONDS.labels(venue).set(lag)


def _follow(ids: Sequence[int], timeframes: set[Timeframe], now: datetime) -> None:
    """A new instrument or timeframe is followed from the latest boundary on."""
    known = cursors.cursors(ids)
    starts = {
        (pk, frame): floor_time(now, frame) - frame.duration
        for pk in ids
        for frame in timeframes
        if (pk, frame) not in known
    }
    if starts:
        cursors.start_cursors(starts)


def _closed(
    starts: Mapping[int, datetime], timeframe: Timeframe, now: datetime
) -> list[tuple[int, datetime]]:
    """(instrument, close time) of stored candles after each start and not after now."""
    if not starts:
        return []
    step = timeframe.duration
    opened_after = [start - step for start in starts.values()]
    last = floor_time(now, timeframe) - step
    with connection.cursor() as cursor:
        # OFFSET 0: one look into the index for each instrument. A join on "later than" would be
        # guessed to match a third of all candles; and by one common start, an instrument that has
        # stopped long ago would have all candles since then read again and again.
        cursor.execute(
            "SELECT start.instrument_id, candle.open_time "  # noqa: S608 - our own table
            "FROM unnest(%s::bigint[], %s::timestamptz[]) AS start(instrument_id, opened_after) "
            f"CROSS JOIN LATERAL (SELECT open_time FROM {CandleRow._meta.db_table} "
            "WHERE instrument_id = start.instrument_id AND timeframe = %s "
            "AND open_time > start.opened_after AND open_time <= %s OFFSET 0) AS candle",
            [list(starts), opened_after, timeframe.value, last],
        )
        return [(pk, opened + step) for pk, opened in cursor]
