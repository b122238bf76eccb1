"""Candle files, CSV or Parquet. What is kept is the text of the file; its floats are for checking.

A line of a Parquet file is the number of its row, the first is 1.
"""

import csv
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import compress
from operator import itemgetter
from pathlib import Path
from typing import Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from apps.common.errors import Refused
from apps.market.services.cells import moments, numbers
from trading.candle_checks import BadRow, CandleRows, Reason
from trading.candles import FloatArray

TIME = "time"
VALUES = ("open", "high", "low", "close", "volume")
COLUMNS = (TIME, *VALUES)
MISSING = "nan"
_NEVER_ABOVE = (("open", "high"), ("close", "high"), ("low", "open"), ("low", "close"))


@dataclass(frozen=True, slots=True)
class CandleFile:
    """The readable rows of a file as columns, and the rows that could not be read.

    `texts` are the five columns of `VALUES` as they were written, beside `rows`; an empty cell is
    NaN there, and so never a good row.
    """

    rows: CandleRows
    texts: Sequence[Sequence[str | None]]
    unreadable: Sequence[BadRow]

    def without(self, lines: Collection[int]) -> Self:
        """The file as if these lines were not there."""
        if not lines:
            return self
        kept = ~np.isin(self.rows.lines, list(lines))
        columns = (getattr(self.rows, name)[kept] for name in ("lines", "open_times", *VALUES))
        texts = [list(compress(column, kept)) for column in self.texts]
        return replace(self, rows=CandleRows(*columns), texts=texts)

    def hidden_by_floats(self) -> list[BadRow]:
        """Rows whose open or close leaves the range by less than a float can tell."""
        return [
            BadRow(
                int(self.rows.lines[index]),
                Reason.OUTSIDE_HIGH_LOW,
                f"{lower} {self._text(lower, index)} is above {upper} {self._text(upper, index)}",
            )
            for lower, upper in _NEVER_ABOVE
            for index in _equal(getattr(self.rows, lower), getattr(self.rows, upper))
            if self._text(lower, index) != self._text(upper, index)
            and Decimal(self._text(lower, index)) > Decimal(self._text(upper, index))
        ]

    def _text(self, name: str, index: int) -> str:
        return (self.texts[VALUES.index(name)][index] or MISSING).strip()

    def price_decimals(self) -> int:
        """The most decimal places that any price of the file uses."""
        prices = {text for column in self.texts[:4] for text in column if text}
        return max(map(_decimals, prices), default=0)


@dataclass(frozen=True, slots=True)
class _Cells:
    """Cells as text, by column; `None` = empty. `short` are the lines that lack a column."""

    lines: Sequence[int]
    columns: Sequence[Sequence[str | None]]
    short: Sequence[int] = ()


def read(path: Path) -> CandleFile:
    """Raises Refused FILE_NOT_READABLE, MISSING_COLUMN, NO_ROWS."""
    try:
        cells = _parquet(path) if path.suffix.lower() == ".parquet" else _csv(path)
    except (OSError, UnicodeDecodeError, csv.Error, pa.ArrowException) as error:
        raise Refused("FILE_NOT_READABLE", f"{path} cannot be read: {error}") from error
    if not cells.lines and not cells.short:
        raise Refused("NO_ROWS", f"{path} has no rows.")
    return _understood(cells)


def _csv(path: Path) -> _Cells:
    with path.open(newline="", encoding="utf-8-sig") as file:
        reader = csv.reader(file)
        header = next((row for row in reader if row), [])
        at = _positions(header, path)
        pick, width = itemgetter(*at), max(at) + 1
        lines: list[int] = []
        cells: list[str] = []  # flat: a hundred thousand small tuples are slow
        short: list[int] = []
        for row in reader:
            if len(row) >= width:
                lines.append(reader.line_num)
                cells.extend(pick(row))
            elif row:  # a blank line is no row
                short.append(reader.line_num)
    columns = [cells[index :: len(COLUMNS)] for index in range(len(COLUMNS))]
    return _Cells(lines, columns, short)


def _parquet(path: Path) -> _Cells:
    table = pq.read_table(path)
    time, *values = (table.column(at) for at in _positions(table.column_names, path))
    if pa.types.is_timestamp(time.type) or pa.types.is_date(time.type):
        in_utc = pa.timestamp("us", tz=getattr(time.type, "tz", None))
        microseconds = pc.cast(pc.cast(time, in_utc, safe=False), pa.int64())
        time = pc.cast(microseconds, pa.timestamp("us"))  # without its zone, as UTC
    columns = [pc.cast(column, pa.string()).to_pylist() for column in (time, *values)]
    return _Cells(range(1, table.num_rows + 1), columns)


def _positions(header: Sequence[str], path: Path) -> list[int]:
    names = [name.strip().lower() for name in header]
    missing = [name for name in COLUMNS if name not in names]
    if missing:
        raise Refused(
            "MISSING_COLUMN",
            f"{path} has no column {', '.join(missing)}. It needs {', '.join(COLUMNS)}.",
        )
    return [names.index(name) for name in COLUMNS]


def _understood(cells: _Cells) -> CandleFile:
    times, unreadable = moments(cells.columns[0])
    faults = dict(unreadable)
    values = []
    for column in cells.columns[1:]:
        found, unreadable = numbers(column)
        values.append(found)
        faults |= dict(unreadable)
    lines = np.array(cells.lines, dtype=np.int64)
    bad = [BadRow(int(lines[index]), Reason.UNREADABLE, faults[index]) for index in sorted(faults)]
    whole = CandleFile(CandleRows(lines, times, *values), cells.columns[1:], unreadable=())
    short = [BadRow(line, Reason.UNREADABLE, "a column is missing") for line in cells.short]
    return replace(whole.without([row.line for row in bad]), unreadable=[*bad, *short])


def _equal(left: FloatArray, right: FloatArray) -> list[int]:
    indexes: list[int] = np.flatnonzero(left == right).tolist()
    return indexes


def _decimals(text: str) -> int:
    if "e" in text or "E" in text:
        text = f"{Decimal(text):f}"
    return len(text.partition(".")[2].rstrip("0"))
