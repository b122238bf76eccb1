"""Columns of text as numbers and times. Arrow reads a clean column at once; only a column that it
does not understand is read cell by cell, to find the cells that nobody understands.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from trading.candle_checks import EPOCH, MICROSECOND
from trading.candles import FloatArray

Cells = Sequence[str | None]
Unreadable = list[tuple[int, str]]  # index and words
Value = TypeVar("Value", int, float)

_BLANKS = " \t\r\n"  # what PostgreSQL, too, takes around a number
_COMPACT_DATE_DIGITS = 8  # 20240131 is a date, not a second of 1970
# An epoch below the first number is in seconds, below the next in milliseconds, then microseconds.
_EPOCH_UNITS = ((10**11, 1_000_000), (10**14, 1_000), (10**17, 1))


class _Odd(ValueError):
    """To be read cell by cell."""


def numbers(column: Cells) -> tuple[FloatArray, Unreadable]:
    """The column as floats; an empty cell is NaN."""
    try:
        floats = pc.cast(pa.array(column, pa.string()), pa.float64())
        return np.asarray(floats.to_numpy(zero_copy_only=False), dtype=np.float64), []
    except pa.ArrowInvalid:
        values, unreadable = _one_by_one(column, _number, float("nan"))
        return np.array(values, dtype=np.float64), unreadable


def moments(column: Cells) -> tuple[NDArray[np.int64], Unreadable]:
    """The column as microseconds since the epoch: ISO-8601, or epoch numbers of any usual unit.

    A time without a zone is UTC.
    """
    texts = pa.array(column, pa.string())
    if not texts.null_count:
        for read in (_local_times, _zoned_times, _epochs):
            try:
                read(texts.slice(0, 1))  # Arrow is slow to fail on a long column
                return read(texts), []
            except (pa.ArrowInvalid, _Odd):
                continue
    values, unreadable = _one_by_one(column, _moment, 0)
    return np.array(values, dtype=np.int64), unreadable


def _local_times(texts: pa.StringArray) -> NDArray[np.int64]:
    return _integers(pc.cast(texts, pa.timestamp("us")))


def _zoned_times(texts: pa.StringArray) -> NDArray[np.int64]:
    return _integers(pc.cast(texts, pa.timestamp("us", tz="UTC")))


def _epochs(texts: pa.StringArray) -> NDArray[np.int64]:
    """Raises _Odd where a number may be no epoch: see `_moment`, which knows."""
    values = _integers(pc.cast(texts, pa.int64()))
    if pc.any(pc.equal(pc.utf8_length(texts), _COMPACT_DATE_DIGITS)).as_py() or (values < 0).any():
        raise _Odd
    limits, units = zip(*_EPOCH_UNITS, strict=True)
    if (values >= limits[-1]).any():
        raise _Odd
    scale = np.array(units, dtype=np.int64)
    return np.asarray(values * scale[np.searchsorted(limits, values, side="right")])


def _integers(column: pa.Array) -> NDArray[np.int64]:
    return np.asarray(pc.cast(column, pa.int64()).to_numpy(), dtype=np.int64)


def _one_by_one(
    column: Cells, read: Callable[[str], Value], instead: Value
) -> tuple[list[Value], Unreadable]:
    values: list[Value] = []
    unreadable: Unreadable = []
    for index, cell in enumerate(column):
        try:
            values.append(read((cell or "").strip(_BLANKS)))
        except (ValueError, ArithmeticError) as error:
            values.append(instead)
            unreadable.append((index, str(error)))
    return values, unreadable


def _number(text: str) -> float:
    if not text:
        return float("nan")
    if text.isascii() and "_" not in text:  # float() takes more than PostgreSQL
        try:
            return float(text)
        except ValueError:
            pass
    raise ValueError(f"'{text[:40]}' is not a number")


def _moment(text: str) -> int:
    try:
        if len(text) == _COMPACT_DATE_DIGITS or not _is_number(text):
            moment = datetime.fromisoformat(text)
            aware = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
            return (aware - EPOCH) // MICROSECOND
        return _from_epoch(Decimal(text))
    except (ValueError, ArithmeticError):
        raise ValueError(f"'{text[:40]}' is not a time") from None


def _is_number(text: str) -> bool:
    try:
        return Decimal(text).is_finite()
    except InvalidOperation:
        return False


def _from_epoch(value: Decimal) -> int:
    for limit, microseconds in _EPOCH_UNITS:
        if abs(value) < limit:
            moment = EPOCH + int(value * microseconds) * MICROSECOND  # or OverflowError
            return (moment - EPOCH) // MICROSECOND
    raise ValueError(value)
