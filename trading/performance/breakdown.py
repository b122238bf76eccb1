"""The trades of a report by what they have in common, and its months. Pure."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC
from decimal import Decimal
from typing import NamedTuple, TypeVar

import numpy as np

from trading.performance.curve import Daily
from trading.performance.outcomes import expectancy, profit_factor, total, win_rate, wins
from trading.performance.returns import growth
from trading.performance.trips import RoundTrip

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
UNKNOWN_REGIME = "unknown"

T = TypeVar("T", bound=RoundTrip)


class Group(NamedTuple):
    """The trades under one label."""

    label: str
    trades: int
    wins: int
    net_pnl: Decimal
    win_rate: Decimal | None
    profit_factor: Decimal | None
    expectancy: Decimal | None


class MonthReturn(NamedTuple):
    """None where there was nothing to begin any of its days with."""

    year: int
    month: int
    value: float | None


def by(trades: Iterable[T], label: Callable[[T], str]) -> tuple[Group, ...]:
    """In the order of the labels."""
    outcomes: defaultdict[str, list[Decimal]] = defaultdict(list)
    for trade in trades:
        outcomes[label(trade)].append(trade.pnl)
    return tuple(group(name, outcomes[name]) for name in sorted(outcomes))


def by_weekday(trades: Iterable[RoundTrip]) -> tuple[Group, ...]:
    """Of the entry (UTC), Monday first."""
    found = by(trades, lambda trade: WEEKDAYS[trade.entry_time.astimezone(UTC).weekday()])
    return tuple(sorted(found, key=lambda group: WEEKDAYS.index(group.label)))


def hour_of(trade: RoundTrip) -> str:
    """Of the entry (UTC), as in 09."""
    return f"{trade.entry_time.astimezone(UTC):%H}"


def group(label: str, outcomes: Sequence[Decimal]) -> Group:
    return Group(
        label,
        trades=len(outcomes),
        wins=len(wins(outcomes)),
        net_pnl=total(outcomes),
        win_rate=win_rate(outcomes),
        profit_factor=profit_factor(outcomes),
        expectancy=expectancy(outcomes),
    )


def monthly_returns(daily: Daily) -> tuple[MonthReturn, ...]:
    """The product of the days' returns; a month without a day of trading is left out."""
    months = daily.dates.astype("datetime64[M]")
    found = []
    for month in np.unique(months):
        returns = daily.returns[(months == month) & daily.is_known]
        value = float(growth(returns)[-1] - 1.0) if len(returns) else None
        number = int(month.astype(np.int64))  # since January 1970
        found.append(MonthReturn(1970 + number // 12, number % 12 + 1, value))
    return tuple(found)
