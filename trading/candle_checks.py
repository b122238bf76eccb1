"""Checks of candle rows before they are believed: every bad row is found, and named by its line."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from trading.candles import FloatArray, Timeframe

BoolArray = NDArray[np.bool_]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
TOO_LARGE = 1e20  # numeric(38,18) cannot hold it
TOO_SMALL = 1e-18  # numeric(38,18) would keep a price below it as zero


class Reason(StrEnum):
    """Why a row is no candle. A row is told by the first reason that applies, in this order."""

    UNREADABLE = "unreadable"
    NOT_FINITE = "not_finite"
    NOT_POSITIVE_PRICE = "not_positive_price"
    NEGATIVE_VOLUME = "negative_volume"
    OUT_OF_RANGE = "out_of_range"
    HIGH_BELOW_LOW = "high_below_low"
    OUTSIDE_HIGH_LOW = "outside_high_low"
    OFF_BOUNDARY = "off_boundary"
    NOT_CLOSED_YET = "not_closed_yet"
    DUPLICATE_TIME = "duplicate_time"
    TIME_WENT_BACK = "time_went_back"


_WORDS = {
    Reason.NOT_FINITE: "a value is not a finite number: {values}",
    Reason.NOT_POSITIVE_PRICE: "a price is not above zero: {values}",
    Reason.NEGATIVE_VOLUME: "the volume is negative: {values}",
    Reason.OUT_OF_RANGE: "a value is too large or too small to keep: {values}",
    Reason.HIGH_BELOW_LOW: "the high is below the low: {values}",
    Reason.OUTSIDE_HIGH_LOW: "open or close is not between high and low: {values}",
    Reason.OFF_BOUNDARY: "no {timeframe} candle begins at {time}",
    Reason.NOT_CLOSED_YET: "the candle of {time} has not closed yet",
    Reason.DUPLICATE_TIME: "{time} was there before",
    Reason.TIME_WENT_BACK: "{time} comes after a later time",
}


@dataclass(frozen=True, slots=True)
class BadRow:
    line: int
    reason: Reason
    words: str


@dataclass(frozen=True, slots=True)
class CandleRows:
    """Rows in the order of their file. `open_times` are microseconds since the epoch."""

    lines: NDArray[np.int64]
    open_times: NDArray[np.int64]
    open: FloatArray
    high: FloatArray
    low: FloatArray
    close: FloatArray
    volume: FloatArray

    def __len__(self) -> int:
        return len(self.lines)


def bad_rows(rows: CandleRows, timeframe: Timeframe, closed_by: datetime) -> list[BadRow]:
    """The rows that are not closed candles of this timeframe, in the order of the file.

    A candle that closes after `closed_by` is still forming; once kept, it could never be corrected.
    """
    found: list[BadRow] = []
    sound = np.ones(len(rows), dtype=np.bool_)
    checks = [*_values(rows), *_times(rows, timeframe, closed_by)]
    for reason, is_bad in checks:
        found += _tell(rows, timeframe, reason, np.flatnonzero(is_bad & sound))
        sound &= ~is_bad
    for reason, indexes in _order(rows.open_times, np.flatnonzero(sound)):
        found += _tell(rows, timeframe, reason, indexes)
    return sorted(found, key=lambda row: row.line)


def _values(rows: CandleRows) -> list[tuple[Reason, BoolArray]]:
    prices = np.stack([rows.open, rows.high, rows.low, rows.close])
    numbers = np.vstack([prices, rows.volume])
    with np.errstate(invalid="ignore"):  # comparing a NaN is harmless: the first check names it
        return [
            (Reason.NOT_FINITE, _any(~np.isfinite(numbers))),
            (Reason.NOT_POSITIVE_PRICE, _any(prices <= 0)),
            (Reason.NEGATIVE_VOLUME, rows.volume < 0),
            (
                Reason.OUT_OF_RANGE,
                _any(numbers >= TOO_LARGE) | _any(prices < TOO_SMALL),
            ),
            (Reason.HIGH_BELOW_LOW, rows.high < rows.low),
            (
                Reason.OUTSIDE_HIGH_LOW,
                (np.maximum(rows.open, rows.close) > rows.high)
                | (np.minimum(rows.open, rows.close) < rows.low),
            ),
        ]


def _any(columns: BoolArray) -> BoolArray:
    return np.asarray(columns.any(axis=0), dtype=np.bool_)


def _times(
    rows: CandleRows, timeframe: Timeframe, closed_by: datetime
) -> list[tuple[Reason, BoolArray]]:
    length = timeframe.duration // MICROSECOND  # divides a day, so the epoch is a boundary
    last_open = (closed_by - EPOCH) // MICROSECOND - length
    return [
        (Reason.OFF_BOUNDARY, rows.open_times % length != 0),
        (Reason.NOT_CLOSED_YET, rows.open_times > last_open),
    ]


def _order(
    open_times: NDArray[np.int64], sound: NDArray[np.intp]
) -> list[tuple[Reason, NDArray[np.intp]]]:
    """Judged among the sound rows only: a bad row must not condemn the good one that follows it."""
    times = open_times[sound]
    is_first = np.zeros(len(times), dtype=np.bool_)
    is_first[np.unique(times, return_index=True)[1]] = True
    goes_back = is_first & (times < np.maximum.accumulate(times)) if len(times) else is_first
    return [
        (Reason.DUPLICATE_TIME, sound[~is_first]),
        (Reason.TIME_WENT_BACK, sound[goes_back]),
    ]


def _tell(
    rows: CandleRows, timeframe: Timeframe, reason: Reason, indexes: NDArray[np.intp]
) -> list[BadRow]:
    words = _WORDS[reason]
    return [
        BadRow(
            int(rows.lines[index]),
            reason,
            words.format(
                values=_numbers(rows, index), time=_time(rows, index), timeframe=timeframe.value
            ),
        )
        for index in indexes
    ]


def _numbers(rows: CandleRows, index: np.intp) -> str:
    names = ("open", "high", "low", "close", "volume")
    return ", ".join(f"{name} {float(getattr(rows, name)[index])}" for name in names)


def _time(rows: CandleRows, index: np.intp) -> str:
    moment = EPOCH + int(rows.open_times[index]) * MICROSECOND
    return moment.isoformat(sep=" ").removesuffix("+00:00")
