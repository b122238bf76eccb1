"""Which candles have closed and were not yet taken through the pipeline."""

import logging
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from django.db import connection

from apps.common import db, metrics
from apps.common.locks import session_lock
from apps.events import services as events
from apps.market import selectors as market
from apps.market import sessions
from apps.market.models import Candle as CandleRow
from apps.market.models import Instrument
from apps.market.services import cursors
from apps.market.services.cursors import Half
from apps.strategies import selectors as strategies
from apps.strategies import services as runs
from trading.candles import Candle, Timeframe, boundaries, floor_time

logger = logging.getLogger(__name__)
NO_CANDLE = "NO_CANDLE"
TOO_LATE = "TOO_LATE"
# A gap longer than this many candles is recorded by its newest part only.
LONGEST_GAP = 2_000
NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(slots=True)
class Close:
    """One moment at which candles of a venue closed.

    `instruments` are by the timeframe whose candle closed. Strategies look at `latest` timeframes
    only: those of which no newer boundary has passed; of the others the close came too late to act
    on. `failed`: accounts whose orders could not meet its candles.
    """

    venue: str
    time: datetime
    finest: Timeframe
    instruments: Mapping[Timeframe, Sequence[int]]
    latest: frozenset[Timeframe]
    failed: set[int] = field(default_factory=set)
    is_decided: bool = False

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


@dataclass(frozen=True, slots=True)
class Due:
    """Closes of a venue at or before `now`, oldest first: those that orders have not met yet, and
    those about which not everything is decided; each of the instruments of which that is so.
    `reached`: how far orders had met the venue's candles before.
    """

    venue: str
    now: datetime
    unmet: Sequence[Close]
    undecided: deque[Close]
    reached: datetime

    def __len__(self) -> int:
        return len({close.time for close in (*self.unmet, *self.undecided)})


def due(venue: str, now: datetime) -> Due:
    """What was not taken yet, at or before `now`."""
    finest = market.finest(venue)
    timeframes = strategies.timeframes_in_use(venue) | {finest}
    ids = list(Instrument.objects.filter(venue_id=venue).values_list("pk", flat=True))
    known = cursors.cursors(ids)
    _follow({(pk, frame) for pk in ids for frame in timeframes} - known.keys(), now)
    through = cursors.cursors(ids)
    unmet: dict[datetime, dict[Timeframe, list[int]]] = {}
    undecided: dict[datetime, dict[Timeframe, list[int]]] = {}
    for timeframe in sorted(timeframes, key=lambda item: item.minutes):
        starts = {pk: min(through[pk, timeframe]) for pk in ids}
        for instrument_id, close_time in _closed(starts, timeframe, now):
            reached = through[instrument_id, timeframe]
            for found, moment in ((unmet, reached.met), (undecided, reached.decided)):
                if close_time > moment:
                    found.setdefault(close_time, {}).setdefault(timeframe, []).append(instrument_id)

    def closes_of(found: Mapping[datetime, Mapping[Timeframe, Sequence[int]]]) -> Iterator[Close]:
        for time in sorted(found):
            latest = frozenset(frame for frame in found[time] if floor_time(now, frame) == time)
            yield Close(venue, time, finest, found[time], latest)

    before = max((reached.met for reached in known.values()), default=NEVER)
    return Due(venue, now, list(closes_of(unmet)), deque(closes_of(undecided)), before)


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
            closes = boundaries(through[pk, timeframe].decided, before, timeframe)[-LONGEST_GAP:]
            gap = sessions.expected(calendars[pk], closes, timeframe.duration)
            if gap:
                runs.record_missed(takers, pk, gap, NO_CANDLE)
            if timeframe not in close.latest:
                runs.record_missed(takers, pk, [close.time], TOO_LATE)


@db.transaction
def met(close: Close) -> None:
    """Orders have met its candles: move the cursors, and whoever moved one tells of the prices."""
    if _move(close, Half.MET):
        events.record("candles.closed", user_id=None, happened_at=close.time, venue=close.venue)


@db.transaction
def pass_over(close: Close) -> None:
    """A later one has come: what has failed at this one is not tried again, and staff can see it.
    Of one that orders have met nothing happens."""
    if _move(close, Half.MET):
        events.record(
            "candles.passed_over", user_id=None, happened_at=close.time, venue=close.venue,
            accounts=sorted(close.failed),
        )  # fmt: skip
        logger.error("not everything could meet the candles of %s at %s", close.time, close.venue)


def decided(close: Close) -> None:
    """Everything about it is decided."""
    if not close.is_decided:
        _decided(close)
        close.is_decided = True


@db.transaction
def _decided(close: Close) -> None:
    _move(close, Half.DECIDED)


@db.transaction_required
def _move(close: Close, half: Half) -> int:
    return sum(
        cursors.move_cursors(instrument_ids, timeframe, half, close.time)
        for timeframe, instrument_ids in close.instruments.items()
    )


def measure_lag(due: Due) -> None:
    """How far the candles are behind by which orders were met, and of how many closes that nobody
    could decide about them."""
    if due.unmet:
        lag = (due.now - due.unmet[-1].time).total_seconds()
        metrics.CANDLE_LAG_SECONDS.labels(due.venue).set(lag)
    metrics.UNDECIDED_CLOSES.labels(due.venue).set(len(due.undecided))


def _follow(fresh: Iterable[cursors.Key], now: datetime) -> None:
    """A new instrument or timeframe is followed from the latest boundary on."""
    starts = {(pk, frame): floor_time(now, frame) - frame.duration for pk, frame in fresh}
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
