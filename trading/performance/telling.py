"""A report for a machine, a terminal and a spreadsheet. Pure; deterministic."""

import csv
from collections.abc import Iterable
from dataclasses import fields, is_dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from io import StringIO
from typing import Any

import numpy as np

from trading.performance.curve import Daily
from trading.performance.report import Report
from trading.performance.returns import finite
from trading.performance.sheet import Figure, Row, Section, Table, said, sections, tables
from trading.performance.trips import RoundTrip, Trip

LABEL, FIGURE = 24, 20  # columns of the terminal
FORMULAS = ("=", "+", "-", "@", "\t", "\r")  # what a text begins with that is computed
COLUMNS = (8, 15, 10, 9, 13)  # of a table, after its label


def as_dict(told: Report) -> dict[str, Any]:
    """Ready for JSON: money and exact ratios are strings of every digit, times ISO 8601 with Z,
    durations seconds. None is what is not defined.
    """
    found: dict[str, Any] = _plain(told)
    falls, held = found.pop("drawdowns"), found.pop("held")
    del found["held_drawdowns"]
    for number, (day, fall) in enumerate(zip(found["daily"], falls, strict=True)):
        day["drawdown"] = fall
        day["held"] = held[number] if held else None
    return found


def trades_csv(trades: Iterable[RoundTrip]) -> str:
    """One line a trade, with a head, in the order given; empty where not known."""
    return csv_text(Trip._fields, (_columns(trade) for trade in trades))


def csv_text(head: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """Values as `as_dict` writes them, empty for None. No text is taken for a formula by a
    spreadsheet.
    """
    written = StringIO()
    lines = csv.writer(written, lineterminator="\n")
    lines.writerow(head)
    for row in rows:
        lines.writerow([_cell(value) for value in row])
    return written.getvalue()


def as_text(told: Report) -> str:
    """For a terminal: labels to the left, figures to the right, 80 columns at most, no colours."""
    parts = [_section(section) for section in sections(told)]
    parts += [_table(table) for table in tables(told)]
    months = [
        Figure(f"{month.year}-{month.month:02}", said("total_return", month.value))
        for month in told.monthly_returns
    ]
    return "\n\n".join([*parts, _section(Section("Monthly returns", months))]) + "\n"


def _columns(trade: RoundTrip) -> list[object]:
    return [getattr(trade, name) for name in Trip._fields]


def _cell(value: object) -> Any:
    if isinstance(value, str) and value.startswith(FORMULAS):
        return f"'{value}"
    return "" if value is None else _plain(value)


def _plain(value: Any) -> Any:
    if isinstance(value, Daily):
        return _days(value)
    if is_dataclass(value):
        return {column.name: _plain(getattr(value, column.name)) for column in fields(value)}
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return {name: _plain(getattr(value, name)) for name in value._fields}
    if isinstance(value, (tuple, list)):
        return [_plain(item) for item in value]
    if isinstance(value, np.ndarray):
        return [finite(number) for number in value.tolist()]
    return _plain_value(value)


def _plain_value(value: Any) -> Any:
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, timedelta):
        return value.total_seconds()
    return str(value) if isinstance(value, str) else value


def _days(daily: Daily) -> list[dict[str, Any]]:
    returns = [finite(value) for value in daily.returns.tolist()]
    dates, equity = daily.dates.tolist(), daily.equity.tolist()
    return [
        {"date": date.isoformat(), "equity": worth, "return": change}
        for date, worth, change in zip(dates, equity, returns, strict=True)
    ]


def _section(section: Section) -> str:
    lines = [f"{figure.title:<{LABEL}}{figure.said:>{FIGURE}}" for figure in section.figures]
    return "\n".join([section.title, "-" * (LABEL + FIGURE), *lines])


def _table(table: Table) -> str:
    head = Row(table.title, "trades", "net P&L", "win rate", "factor", "expectancy")
    lines = [_line(row) for row in (head, *table.rows)]
    return "\n".join([lines[0], "-" * len(lines[0]), *lines[1:]])


def _line(row: Row) -> str:
    figures = zip(row[1:], COLUMNS, strict=True)
    return f"{row.label[: LABEL - 1]:<{LABEL}}" + "".join(f"{told:>{w}}" for told, w in figures)
