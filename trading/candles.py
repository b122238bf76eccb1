"""Candles and their boundaries. A candle is known by its close time and seen once it has closed."""

import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Self

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

_MINUTES = {
    "1m": 1, "3m": 3, "5m": 5, "10m": 10, "15m": 15, "30m": 30,
    "1h": 60, "2h": 120, "4h": 240, "6h": 360, "12h": 720, "1d": 1440,
}  # fmt: skip


class UnknownTimeframe(ValueError):
    """The text names no timeframe that the platform knows."""


class Timeframe(StrEnum):
    """A candle length. Every length divides a day, so boundaries are counted from UTC midnight."""

    M1 = "1m"
    M3 = "3m"
    M5 = "5m"
    M10 = "10m"
    M15 = "15m"
    M30 = "30m"
    H1 = "1h"
    H2 = "2h"
    H4 = "4h"
    H6 = "6h"
    H12 = "12h"
    D1 = "1d"

    @property
    def minutes(self) -> int:
        return _MINUTES[self.value]

    @property
    def duration(self) -> timedelta:
        return timedelta(minutes=self.minutes)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `5m`, `1h`, `1d`, or the minutes and letters of charting tools (`5`, `60`, `D`).

        Raises UnknownTimeframe.
        """
        word = text.strip().lower()
        word = {"d": "1d", "1440": "1d"}.get(word, word)
        for member in cls:
            if word in (member.value, str(member.minutes)):
                return member
        known = ", ".join(member.value for member in cls)
        raise UnknownTimeframe(f"'{text}' is not a timeframe. Known: {known}.")


@dataclass(frozen=True, slots=True)
class Candle:
    """One candle with exact prices: what orders are matched against."""

    open_time: datetime
    close_time: datetime
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal


@dataclass(frozen=True, slots=True)
class CandleSeries:
    """Closed candles of one instrument, oldest first, as float arrays: what strategies look at.

    `close_times` are seconds since the epoch, UTC.
    """

    symbol: str
    timeframe: Timeframe
    close_times: NDArray[np.int64]
    open: FloatArray
    high: FloatArray
    low: FloatArray
    close: FloatArray
    volume: FloatArray

    def __len__(self) -> int:
        return len(self.close)

    def digest(self) -> str:
        """SHA-256 of everything that can be seen here: the same candles, the same digest."""
        seen = hashlib.sha256(f"{self.symbol} {self.timeframe.value}\n".encode())
        seen.update(self.close_times.astype("<i8").tobytes())
        for column in (self.open, self.high, self.low, self.close, self.volume):
            seen.update(column.astype("<f8").tobytes())
        return seen.hexdigest()

    def without(self, close_times: Collection[int]) -> "CandleSeries":
        """The series as if these candles were not there."""
        kept = ~np.isin(self.close_times, list(close_times))
        columns = (self.open, self.high, self.low, self.close, self.volume)
        return CandleSeries(
            self.symbol,
            self.timeframe,
            self.close_times[kept],
            *(column[kept] for column in columns),
        )

    def last(self, count: int) -> "CandleSeries":
        """The last `count` candles (views, not copies)."""
        if count == len(self.close):
            return self
        return CandleSeries(
            self.symbol,
            self.timeframe,
            self.close_times[-count:],
            self.open[-count:],
            self.high[-count:],
            self.low[-count:],
            self.close[-count:],
            self.volume[-count:],
        )


def floor_time(moment: datetime, timeframe: Timeframe) -> datetime:
    """The latest boundary at or before `moment` (aware; any zone), in UTC."""
    utc = moment.astimezone(UTC)
    midnight = utc.replace(hour=0, minute=0, second=0, microsecond=0)
    minutes = int((utc - midnight).total_seconds()) // 60
    return midnight + timedelta(minutes=minutes - minutes % timeframe.minutes)


def next_close(moment: datetime, timeframe: Timeframe) -> datetime:
    """The first boundary strictly after `moment`."""
    return floor_time(moment, timeframe) + timeframe.duration


def end_of_day(moment: datetime) -> datetime:
    """The end of the session of a market that never closes: the next UTC midnight."""
    return next_close(moment, Timeframe.D1)


def start_of_week(moment: datetime) -> datetime:
    """Monday's 00:00 UTC, at or before the moment."""
    midnight = floor_time(moment, Timeframe.D1)
    return midnight - timedelta(days=midnight.weekday())


def in_candles(age: timedelta, timeframe: Timeframe) -> Decimal:
    """How many candles of that length an age is, whole seconds counted."""
    return Decimal(int(age.total_seconds())) / (timeframe.minutes * 60)


def boundaries(after: datetime, until: datetime, timeframe: Timeframe) -> Sequence[datetime]:
    """Close times in `(after, until]`, oldest first."""
    step = timeframe.duration
    first = next_close(after, timeframe)
    count = max(0, (floor_time(until, timeframe) - first) // step + 1)
    return [first + index * step for index in range(count)]


def aggregate(candles: Iterable[Candle], timeframe: Timeframe) -> list[Candle]:
    """Candles of `timeframe` made of finer ones (in any order), oldest first.

    A window with a hole in it is left out: a candle is written once, so it must be whole.
    """
    windows: dict[datetime, dict[datetime, Candle]] = {}
    for candle in candles:
        window = windows.setdefault(floor_time(candle.open_time, timeframe), {})
        window[candle.open_time] = candle
    return [
        _merged([window[moment] for moment in sorted(window)], start, start + timeframe.duration)
        for start, window in sorted(windows.items())
        if _length(window.values()) == timeframe.duration
    ]


def _length(candles: Iterable[Candle]) -> timedelta:
    return sum((candle.close_time - candle.open_time for candle in candles), timedelta())


def _merged(candles: Sequence[Candle], open_time: datetime, close_time: datetime) -> Candle:
    return Candle(
        open_time=open_time,
        close_time=close_time,
        open=candles[0].open,
        high=max(candle.high for candle in candles),
        low=min(candle.low for candle in candles),
        close=candles[-1].close,
        volume=sum((candle.volume for candle in candles), Decimal(0)),
    )
