"""A report laid out for readers: the same sections, words and figures on a page and in a terminal.

Pure; no markup.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from trading.durations import duration
from trading.performance.breakdown import Group
from trading.performance.curve import Curve
from trading.performance.drawing import Line, Year, equity_lines, underwater_lines, years
from trading.performance.report import Report

UNKNOWN = "—"
PERCENTS = {
    "total_return", "cagr", "volatility", "max_drawdown", "cvar_95", "ulcer_index", "win_rate",
    "exposure_time", "alpha", "risk_free_rate",
}  # fmt: skip
ANNUAL = {"cagr", "calmar"}
MOST_SAID = 10_000
TITLES = {
    "cagr": "CAGR",
    "sharpe": "Sharpe ratio",
    "sortino": "Sortino ratio",
    "calmar": "Calmar ratio",
    "omega": "Omega ratio",
    "ulcer_index": "Ulcer index",
    "cvar_95": "CVaR 95",
    "sqn": "SQN",
    "net_pnl": "net P&L",
    "max_drawdown_duration": "its duration",
    "average_mae": "average MAE",
    "average_mfe": "average MFE",
    "max_consecutive_wins": "longest winning streak",
    "max_consecutive_losses": "longest losing streak",
    "avg_holding_time": "average holding time",
    "began_at": "from (UTC)",
    "ended_at": "to (UTC)",
    "days_a_year": "days in a year",
}


class Figure(NamedTuple):
    title: str
    said: str


class Section(NamedTuple):
    title: str
    figures: Sequence[Figure]


class Row(NamedTuple):
    label: str
    trades: str
    net_pnl: str
    win_rate: str
    profit_factor: str
    expectancy: str


class Table(NamedTuple):
    title: str
    rows: Sequence[Row]


@dataclass(frozen=True, slots=True)
class Sheet:
    """Lines are None where there are fewer than two days to draw; those of holding, where there is
    nothing to compare with."""

    sections: Sequence[Section]
    tables: Sequence[Table]
    years: Sequence[Year]
    equity: Line | None
    held: Line | None
    underwater: Line | None
    held_underwater: Line | None
    deepest: str


def sheet(told: Report, through: Curve | None = None) -> Sheet:
    """With lines by the day, or `through` each point of a curve that nothing was paid into."""
    equity, held = equity_lines(told, through)
    underwater, held_underwater = underwater_lines(told, through)
    return Sheet(
        sections=sections(told),
        tables=tables(told),
        years=years(told.monthly_returns),
        equity=equity,
        held=held,
        underwater=underwater,
        held_underwater=held_underwater,
        deepest=said("max_drawdown", told.equity.max_drawdown),
    )


def sections(told: Report) -> list[Section]:
    found = [
        Section("Equity", _figures(told.equity)),
        Section("Trades", _figures(told.trades)),
        Section("Period", _figures(told.period)),
    ]
    if told.benchmark is not None:
        found.append(Section("Against buying and holding", _figures(told.benchmark)))
    return found


def tables(told: Report) -> list[Table]:
    """Those that have a row."""
    parts = [(part.name, getattr(told.breakdowns, part.name)) for part in fields(told.breakdowns)]
    return [
        Table(f"By {name.replace('_', ' ')}", [_row(group) for group in groups])
        for name, groups in parts
        if groups
    ]


def said(name: str, value: Any) -> str:
    """A figure by its name: percent for what is a fraction, two places otherwise."""
    if value is None:
        return UNKNOWN
    # A few good days make a year that says nothing: no digits where there is no meaning.
    if name in ANNUAL and abs(value) > MOST_SAID:
        return f"over {MOST_SAID * 100:,} %" if name in PERCENTS else f"over {MOST_SAID:,}"
    if name in PERCENTS:
        return f"{float(value) * 100:,.2f} %"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, timedelta):
        return duration(value)
    return f"{value:,}" if isinstance(value, int) else _two_places(value)


def _two_places(value: Decimal | float) -> str:
    shown = f"{value:,.2f}"
    return "0.00" if shown == "-0.00" else shown


def _figures(part: Any) -> list[Figure]:
    return [
        Figure(
            TITLES.get(column.name, column.name.replace("_", " ")),
            said(column.name, getattr(part, column.name)),
        )
        for column in fields(part)
    ]


def _row(group: Group) -> Row:
    return Row(
        label=group.label.replace("_", " "),
        trades=f"{group.trades:,}",
        net_pnl=said("net_pnl", group.net_pnl),
        win_rate=said("win_rate", group.win_rate),
        profit_factor=said("profit_factor", group.profit_factor),
        expectancy=said("expectancy", group.expectancy),
    )
