"""A long history of candles with exact prices, in a few bytes each. It reads like a list of
candles, each made when it is asked for."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Context, Decimal
from typing import Any, Self, overload

import numpy as np
from numpy.typing import NDArray

from trading.candle_checks import EPOCH, MICROSECOND
from trading.candles import Candle, FloatArray

IntArray = NDArray[np.int64]

VALUES = ("open", "high", "low", "close", "volume")
# No digit of a database number is lost.
_EXACT = Context(prec=76)
# A decimal of so many digits is known again from the nearest float: 2^53 has sixteen.
_SAFE_DIGITS = 15
_MOST_UNITS = 10**18
_MOST_PLACES = 22  # 10^22 is the last power of ten that a float holds


@dataclass(frozen=True, slots=True, eq=False)
class ExactColumn:
    """Decimals as whole numbers of 10^-places: int64, or Python's where one does not fit."""

    units: NDArray[Any]
    places: int

    def __len__(self) -> int:
        return len(self.units)

    def at(self, index: int) -> Decimal:
        return self._number(self.units[index])

    def least(self) -> Decimal:
        return self._number(self.units.min())

    def most(self) -> Decimal:
        return self._number(self.units.max())

    def floats(self) -> FloatArray:
        """The nearest float of each below 2^53 units, a neighbour of it above; never in another
        order than the exact numbers."""
        scale = 10**self.places
        if self.units.dtype == object or self.places > _MOST_PLACES:
            return np.array([int(unit) / scale for unit in self.units], dtype=np.float64)
        return np.asarray(self.units / float(scale), dtype=np.float64)

    def bytes(self) -> bytes:
        """Of the units, the same on every machine."""
        if self.units.dtype == object:
            return str(self.units.tolist()).encode()
        return self.units.astype("<i8").tobytes()

    def part(self, part: slice) -> Self:
        return type(self)(self.units[part], self.places)

    def _number(self, units: Any) -> Decimal:
        return Decimal(int(units)).scaleb(-self.places, _EXACT)

    @classmethod
    def of(cls, values: Iterable[Decimal]) -> Self:
        kept = list(values)
        places = max((places_of(value) for value in set(kept)), default=0)
        units = [int(value.scaleb(places, _EXACT)) for value in kept]
        fits = all(-_MOST_UNITS < unit < _MOST_UNITS for unit in units)
        return cls(np.array(units, dtype=np.int64 if fits else object), places)

    @classmethod
    def of_texts(cls, texts: Sequence[str]) -> Self:
        """Numbers as they were written; most are read without making a Decimal of each."""
        if texts and max(map(len, texts)) <= _SAFE_DIGITS:
            read = cls._of_floats(np.array(texts, dtype=np.str_).astype(np.float64))
            if read is not None:
                return read
        return cls.of(Decimal(text) for text in texts)

    @classmethod
    def of_floats(cls, values: FloatArray) -> Self:
        """The shortest decimals that read back as these floats."""
        return cls._of_floats(values) or cls.of(Decimal(repr(value)) for value in values.tolist())

    @classmethod
    def _of_floats(cls, values: FloatArray) -> Self | None:
        """Of floats that are each the nearest to a decimal of at most `_SAFE_DIGITS` digits."""
        for places in range(_SAFE_DIGITS):
            units = np.rint(values * 10.0**places)
            if not np.abs(units).max(initial=0.0) < 10**_SAFE_DIGITS:
                return None
            if np.array_equal(units / 10.0**places, values):
                return cls(units.astype(np.int64), places)
        return None


@dataclass(frozen=True, slots=True, eq=False)
class CandleHistory(Sequence[Candle]):
    """Closed candles of one instrument, oldest first. Times are microseconds since the epoch."""

    open_times: IntArray
    close_times: IntArray
    open: ExactColumn
    high: ExactColumn
    low: ExactColumn
    close: ExactColumn
    volume: ExactColumn

    def __len__(self) -> int:
        return len(self.open_times)

    @overload
    def __getitem__(self, index: int) -> Candle: ...
    @overload
    def __getitem__(self, index: slice) -> "CandleHistory": ...
    def __getitem__(self, index: int | slice) -> "Candle | CandleHistory":
        if isinstance(index, slice):
            times = (self.open_times[index], self.close_times[index])
            return CandleHistory(*times, *(getattr(self, name).part(index) for name in VALUES))
        return Candle(
            moment(self.open_times[index]),
            moment(self.close_times[index]),
            self.open.at(index),
            self.high.at(index),
            self.low.at(index),
            self.close.at(index),
            self.volume.at(index),
        )

    def __iter__(self) -> Iterator[Candle]:
        return (self[index] for index in range(len(self)))

    def digest(self) -> str:
        """SHA-256 of every number of it."""
        times = (self.open_times.astype("<i8"), self.close_times.astype("<i8"))
        seen = hashlib.sha256(b"".join(each.tobytes() for each in times))
        for name in VALUES:
            column: ExactColumn = getattr(self, name)
            seen.update(f"{name} {column.places}\n".encode() + column.bytes())
        return seen.hexdigest()

    @classmethod
    def of(cls, candles: Sequence[Candle]) -> "CandleHistory":
        if isinstance(candles, CandleHistory):
            return candles
        return cls(
            np.array([microseconds(candle.open_time) for candle in candles], dtype=np.int64),
            np.array([microseconds(candle.close_time) for candle in candles], dtype=np.int64),
            *(ExactColumn.of(getattr(candle, name) for candle in candles) for name in VALUES),
        )


def microseconds(time: datetime) -> int:
    return (time - EPOCH) // MICROSECOND


def moment(microseconds: int) -> datetime:
    return EPOCH + int(microseconds) * MICROSECOND


def places_of(value: Decimal) -> int:
    """Digits behind the point. Raises ValueError for what is no finite number."""
    if not value.is_finite():
        raise ValueError(f"{value} is no price.")
    return max(0, -int(value.normalize(_EXACT).as_tuple().exponent))
