"""What is known of the candles' truth: gaps and outliers written down, and a figure for each
instrument. The formula is in `trading/candle_quality.py`.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

import numpy as np

from apps.common import db
from apps.market import sessions
from apps.market.models import (
    Candle,
    CandleGap,
    CandleOutlier,
    CandleQuality,
    CandleRevision,
    Instrument,
)
from trading import candle_quality
from trading.candle_quality import Gap
from trading.candles import Timeframe, boundaries, floor_time

# A venue that lacks candles is asked for them again when the gap is so old, and then no more.
ASK_AGAIN_AFTER = (
    timedelta(minutes=5), timedelta(hours=1), timedelta(hours=6), timedelta(days=1),
)  # fmt: skip
# How old a missing candle is at most when the venue is asked for it: an hour for its answer.
ASKED_FOR = ASK_AGAIN_AFTER[-1] + timedelta(hours=1)
GAPS_AT_ONCE = 3  # that are asked for again in one round
MEASURED_OVER = timedelta(days=30)
MEASURED_EVERY = timedelta(hours=1)  # of live venues
MEASURED_AT_ONCE = 3  # a second each at most: a round of a live venue must not wait for hundreds


@db.transaction
def record_gaps(
    instrument: Instrument, timeframe: Timeframe, since: datetime, until: datetime, *, now: datetime
) -> list[CandleGap]:
    """Write down which candles are missing between the one at or before `since` and `until`, and
    which of those gaps have been filled; the gaps that are open."""
    stored = Candle.objects.filter(instrument=instrument, timeframe=timeframe)
    before = stored.filter(open_time__lte=since).order_by("-open_time")
    start = before.values_list("open_time", flat=True).first() or since
    end = floor_time(until, timeframe)
    within = stored.filter(open_time__gte=start, open_time__lt=end).order_by("open_time")
    opened = list(within.values_list("open_time", flat=True))
    found = {gap.first_open: gap for gap in _gaps(instrument, timeframe, opened, end)}
    known = CandleGap.objects.select_for_update().filter(
        instrument=instrument, timeframe=timeframe, filled_at=None, first_open__gte=start,
        first_open__lt=end,
    )  # fmt: skip
    still_open = []
    for row in known:
        gap = found.pop(row.first_open, None)
        if gap is None:
            row.filled_at = now
        else:
            row.until, row.candles = gap.until, gap.candles
            still_open.append(row)
        row.save()
    return still_open + _open(instrument, timeframe, found.values(), now)


def gaps_to_ask_for(instrument: Instrument, timeframe: Timeframe, now: datetime) -> list[CandleGap]:
    """Open gaps that the venue is to be asked for once more, the newest first."""
    rows = CandleGap.objects.filter(
        instrument=instrument, timeframe=timeframe, filled_at=None, asked__lt=len(ASK_AGAIN_AFTER)
    )
    newest = rows.order_by("-first_open")
    due = [gap for gap in newest if now >= gap.found_at + ASK_AGAIN_AFTER[gap.asked]]
    return due[:GAPS_AT_ONCE]


@db.transaction
def asked_again(gap: CandleGap) -> None:
    CandleGap.objects.filter(pk=gap.pk).update(asked=gap.asked + 1)


def keep_measured(instruments: Sequence[Instrument], timeframe: Timeframe, now: datetime) -> None:
    """Measure a few of those whose figure is an hour old, or that have none."""
    fresh = CandleQuality.objects.filter(
        instrument__in=instruments, timeframe=timeframe, until__gt=now - MEASURED_EVERY
    )
    measured = set(fresh.values_list("instrument_id", flat=True))
    due = [instrument for instrument in instruments if instrument.pk not in measured]
    for instrument in due[:MEASURED_AT_ONCE]:
        measure(instrument, timeframe, now=now)


@db.transaction
def measure(
    instrument: Instrument, timeframe: Timeframe, *, now: datetime, over: timedelta = MEASURED_OVER
) -> CandleQuality:
    """Look through the candles that closed in the time before `now`: gaps and outliers are written
    down, and the figure with them."""
    end = floor_time(now, timeframe)
    stored = Candle.objects.filter(
        instrument=instrument, timeframe=timeframe,
        open_time__gte=end - over, open_time__lt=end,
    ).order_by("open_time")  # fmt: skip
    rows = list(stored.values_list("open_time", "high", "low", "close"))
    since = rows[0][0] if rows else end
    missing = sum(
        gap.candles for gap in record_gaps(instrument, timeframe, since, end, now=now)
    )  # what lies before the first candle is not known to be missing
    outliers = _record_outliers(instrument, timeframe, rows)
    revised = CandleRevision.objects.filter(
        instrument=instrument, timeframe=timeframe, open_time__gte=since, open_time__lt=end
    )
    counted = {
        "stored": len(rows), "missing": missing, "outliers": outliers,
        "revised": revised.values("open_time").distinct().count(),
    }  # fmt: skip
    figure = candle_quality.quality(
        counted["stored"], counted["missing"], counted["revised"], counted["outliers"]
    )
    kept, _ = CandleQuality.objects.update_or_create(
        instrument=instrument,
        timeframe=timeframe.value,
        defaults={"since": since, "until": end, **counted, "figure": figure},
    )
    return kept


def _record_outliers(
    instrument: Instrument,
    timeframe: Timeframe,
    rows: Sequence[tuple[datetime, object, object, object]],
) -> int:
    columns = ([row[number] for row in rows] for number in (1, 2, 3))
    high, low, close = (np.array(column, dtype=np.float64) for column in columns)
    found = candle_quality.outliers(high, low, close)
    CandleOutlier.objects.bulk_create(
        [
            CandleOutlier(
                instrument=instrument, timeframe=timeframe.value,
                open_time=rows[outlier.index][0], score=outlier.score, move=outlier.move,
            )
            for outlier in found
        ],
        ignore_conflicts=True,
    )  # fmt: skip
    return len(found)


def _open(
    instrument: Instrument, timeframe: Timeframe, gaps: Iterable[Gap], now: datetime
) -> list[CandleGap]:
    return CandleGap.objects.bulk_create(
        [
            CandleGap(
                instrument=instrument, timeframe=timeframe.value, first_open=gap.first_open,
                until=gap.until, candles=gap.candles, found_at=now,
            )
            for gap in gaps
        ],
        ignore_conflicts=True,
    )  # fmt: skip


def _gaps(
    instrument: Instrument, timeframe: Timeframe, opened: Sequence[datetime], end: datetime
) -> Iterator[Gap]:
    """A gap that reaches into closed hours is as long as what was to be expected of it."""
    for gap in candle_quality.gaps(opened, timeframe, end):
        if instrument.calendar == sessions.ALWAYS:
            yield gap
            continue
        closes = boundaries(gap.first_open, gap.until, timeframe)
        missing = sessions.expected(instrument.calendar, closes, timeframe.duration)
        if missing:
            yield Gap(missing[0] - timeframe.duration, missing[-1], len(missing))
