"""What live venues have in common: candles come in pages, and no row of a page is believed unseen.

Venues differ in all else. Some give the forming candle, some rows from before what was asked for,
some the newest first, some leave out minutes without a trade; so nothing of that is relied upon.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import numpy as np

from apps.market.feeds.ports import Failure, FeedFailed
from trading.candle_checks import EPOCH, MICROSECOND, CandleRows, bad_rows
from trading.candles import Candle, Timeframe, floor_time

SHOWN = 3  # bad rows that are told of in words


@dataclass(frozen=True, slots=True)
class Row:
    """One row as the venue gave it; None = it gave no such value."""

    opened: datetime
    values: tuple[Decimal | None, ...]  # open, high, low, close, volume


# Asks the venue for a page of rows that open at or after the moment.
FetchPage = Callable[[datetime], Sequence[Row]]


def gather(
    fetch: FetchPage, timeframe: Timeframe, after: datetime, until: datetime, page_size: int
) -> list[Candle]:
    """The candles that close in `(after, until]`, oldest first, page by page.

    Raises FeedFailed with what came before it, or beside the rows that were no candles.
    """
    wanted, end = floor_time(after, timeframe), floor_time(until, timeframe)
    rows: dict[datetime, Row] = {}
    try:
        while wanted < end:
            page = fetch(wanted)
            fresh = {row.opened: row for row in page if wanted <= row.opened < end}
            rows.update(fresh)
            if any(row.opened >= end for row in page):
                break  # it has told all there is up to now
            # A page without rows: nothing was traded for so long.
            last = max(fresh, default=wanted + (page_size - 1) * timeframe.duration)
            wanted = floor_time(last, timeframe) + timeframe.duration
    except FeedFailed as failed:
        failed.kept = _candles(_sound(rows.values(), timeframe, until)[0], timeframe)
        raise
    sound, faults = _sound(rows.values(), timeframe, until)
    candles = _candles(sound, timeframe)
    if faults:
        more = f" and {len(faults) - SHOWN} more" if len(faults) > SHOWN else ""
        raise FeedFailed(Failure.NONSENSE, "; ".join(faults[:SHOWN]) + more, kept=candles)
    return candles


def _sound(
    rows: Iterable[Row], timeframe: Timeframe, until: datetime
) -> tuple[list[Row], list[str]]:
    """The rows that are closed candles, oldest first, and what is wrong with the others."""
    ordered = sorted(rows, key=lambda row: row.opened)
    whole = [row for row in ordered if None not in row.values]
    faults = [
        f"a value is missing at {row.opened:%Y-%m-%d %H:%M}"
        for row in ordered
        if None in row.values
    ]
    if not whole:
        return [], faults
    columns = zip(*(row.values for row in whole), strict=True)
    checked = CandleRows(
        np.arange(len(whole), dtype=np.int64),
        np.array([(row.opened - EPOCH) // MICROSECOND for row in whole], dtype=np.int64),
        *(np.array(column, dtype=np.float64) for column in columns),
    )
    bad = {
        fault.line: f"{whole[fault.line].opened:%Y-%m-%d %H:%M}: {fault.words}"
        for fault in bad_rows(checked, timeframe, until)
    }
    # Decimals that floats round to the same number: exact, as the database will judge them.
    bad |= {
        number: f"{row.opened:%Y-%m-%d %H:%M}: open or close is not between high and low"
        for number, row in enumerate(whole)
        if number not in bad and not _fits(row)
    }
    sound = [row for number, row in enumerate(whole) if number not in bad]
    return sound, [*faults, *bad.values()]


def _fits(row: Row) -> bool:
    opening, high, low, close, _ = _numbers(row)
    return low <= min(opening, close) and max(opening, close) <= high


def _numbers(row: Row) -> list[Decimal]:
    return [value for value in row.values if value is not None]


def _candles(rows: Iterable[Row], timeframe: Timeframe) -> list[Candle]:
    return [Candle(row.opened, row.opened + timeframe.duration, *_numbers(row)) for row in rows]
