"""A report for a machine, a terminal and a spreadsheet. Pure; deterministic."""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import fields, is_dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from io import StringIO
from typing import Any

import numpy as np

from trading.performance.breakdown import Group
from trading.performance.curve import Daily
from trading.performance.report import Report
from trading.performance.returns import finite
from trading.performance.trips import RoundTrip, Trip

UNKNOWN = "—"
LABEL, FIGURE = 26, 18  # columns of the terminal


def as_dict(told: Report) -> dict[str, Any]:
    """Ready for JSON: money and exact ratios are strings of every digit, times ISO 8601 with Z,
    durations seconds. None is what is not defined.
    """
    found: dict[str, Any] = _plain(told)
    falls = found.pop("drawdowns")
    for day, fall in zip(found["daily"], falls, strict=True):
        day["drawdown"] = fall
    return found


def trades_csv(trades: Iterable[RoundTrip]) -> str:
    """One line a trade, with a head, in the order given; empty where not known."""
    written = StringIO()
    rows = csv.writer(written, lineterminator="\n")
    rows.writerow(Trip._fields)
    for trade in trades:
        rows.writerow(["" if value is None else _plain(value) for value in _columns(trade)])
    return written.getvalue()


def as_text(told: Report) -> str:
    """For a terminal: labels to the left, figures to the right, 80 columns at most, no colours."""
    parts = [
        _section("Equity", _figures(told.equity)),
        _section("Trades", _figures(told.trades)),
        _section("Period", _figures(told.period)),
    ]
    if told.benchmark is not None:
        parts.append(_section("Against buying and holding", _figures(told.benchmark)))
    for column in fields(told.breakdowns):
        parts += _groups(column.name, getattr(told.breakdowns, column.name))
    months = [
        (f"{month.year}-{month.month:02}", _said("total_return", month.value))
        for month in told.monthly_returns
    ]
    return "\n\n".join([*parts, _section("Monthly returns", months)]) + "\n"


PERCENTS = {
    "total_return", "cagr", "volatility", "max_drawdown", "cvar_95", "ulcer_index", "win_rate",
    "exposure_time", "alpha",
}  # fmt: skip


def _columns(trade: RoundTrip) -> list[object]:
    return [getattr(trade, name) for name in Trip._fields]


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


def _figures(part: Any) -> list[tuple[str, str]]:
    return [
        (column.name.replace("_", " "), _said(column.name, getattr(part, column.name)))
        for column in fields(part)
    ]


def _said(name: str, value: Any) -> str:
    if value is None:
        return UNKNOWN
    if name in PERCENTS:
        return f"{float(value) * 100:,.2f} %"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, timedelta):
        return str(timedelta(seconds=round(value.total_seconds())))
    return f"{value:,}" if isinstance(value, int) else f"{value:,.2f}"


def _section(title: str, rows: Sequence[tuple[str, str]]) -> str:
    lines = [f"{label:<{LABEL}}{said:>{FIGURE}}" for label, said in rows]
    return "\n".join([title, "-" * (LABEL + FIGURE), *lines])


def _groups(name: str, groups: Sequence[Group]) -> list[str]:
    if not groups:
        return []
    head = f"{'By ' + name.replace('_', ' '):<{LABEL}}{'trades':>8}{'net pnl':>18}{'win rate':>11}"
    lines = [
        f"{group.label[: LABEL - 1]:<{LABEL}}{group.trades:>8,}{group.net_pnl:>18,.2f}"
        f"{_said('win_rate', group.win_rate):>11}"
        for group in groups
    ]
    return ["\n".join([head, "-" * len(head), *lines])]
