"""How trading has gone, from round trips and from money that came and went. Pure.

Formulas, each over the trades given; None where there is nothing to know it from. Those of outcomes
are in `outcomes.py`, the Sharpe ratio in `returns.py`:

    net           sum of pnl, which is after fees; gross: before fees
    equity        what was there at the start + deposits - withdrawals + pnl, as trades close
    drawdown      the peak of the equity so far - the equity. Money that comes or goes moves the
                  peak by as much: a withdrawal is no loss. Its fraction is of the peak it fell from
    recovery      from the lowest point of the greatest drawdown until its peak was reached again
    Sharpe ratio  of each day's pnl / equity at its start; a year has 365: markets that never close
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import groupby
from typing import NamedTuple

import numpy as np

from trading.money import ZERO
from trading.performance import returns
from trading.performance.outcomes import losses, mean, profit_factor, total, win_rate, wins

DAYS_A_YEAR = 365


class ClosedTrade(NamedTuple):
    opened_at: datetime
    closed_at: datetime
    pnl: Decimal  # after fees
    fees: Decimal


class Flow(NamedTuple):
    """Money that came in, or went out where it is negative."""

    at: datetime
    amount: Decimal


class Day(NamedTuple):
    """`equity` is the realised one at the day's end."""

    date: date
    pnl: Decimal
    equity: Decimal


class Drawdown(NamedTuple):
    """The greatest. `recovery` is None while the peak has not been reached again."""

    amount: Decimal
    fraction: Decimal | None
    recovery: timedelta | None


@dataclass(frozen=True, slots=True)
class Streak:
    """The trades since the last one that went the other way."""

    is_winning: bool
    count: int
    started_at: datetime


@dataclass(frozen=True, slots=True)
class Performance:
    trades: int
    wins: int
    losses: int
    net: Decimal | None
    gross: Decimal | None
    fees: Decimal | None
    win_rate: Decimal | None
    profit_factor: Decimal | None
    average_win: Decimal | None
    average_loss: Decimal | None
    largest_win: Decimal | None
    largest_loss: Decimal | None
    average_duration: timedelta | None
    drawdown: Drawdown | None
    sharpe: float | None
    days: Sequence[Day]


def performance(
    trades: Iterable[ClosedTrade], flows: Iterable[Flow], *, start: Decimal, until: datetime
) -> Performance:
    """`start` is the realised equity before the first of both; `until` ends the last day."""
    closed = sorted(trades, key=lambda trade: trade.closed_at)
    moved = sorted(flows)
    outcomes = [trade.pnl for trade in closed]
    won, lost = wins(outcomes), losses(outcomes)
    net, fees = total(outcomes), total(trade.fees for trade in closed)
    days = daily(closed, moved, start=start, until=until)
    return Performance(
        trades=len(closed),
        wins=len(won),
        losses=len(lost),
        net=net if closed else None,
        gross=net + fees if closed else None,
        fees=fees if closed else None,
        win_rate=win_rate(outcomes),
        profit_factor=profit_factor(outcomes),
        average_win=mean(won),
        average_loss=mean(lost),
        largest_win=max(won, default=None),
        largest_loss=min(lost, default=None),
        average_duration=_average_duration(closed),
        drawdown=greatest_drawdown(closed, moved, start=start) if closed else None,
        sharpe=sharpe_ratio(days, moved, start=start) if closed else None,
        days=days,
    )


def greatest_drawdown(
    trades: Sequence[ClosedTrade], flows: Sequence[Flow], *, start: Decimal
) -> Drawdown:
    """Of the realised equity, trade by trade. Both are sorted by their time."""
    equity = peak = start
    found = Drawdown(ZERO, ZERO, None)
    goal: Decimal | None = None  # the peak to be reached again, of the greatest so far
    lowest_at: datetime | None = None
    for at, pnl, flow in _moves(trades, flows):
        equity += pnl + flow
        peak += flow
        goal = None if goal is None else goal + flow
        peak = max(peak, equity)
        if goal is not None and lowest_at is not None and equity >= goal:
            found, goal = found._replace(recovery=at - lowest_at), None
        if peak - equity > found.amount:
            found = Drawdown(peak - equity, (peak - equity) / peak if peak > 0 else None, None)
            goal, lowest_at = peak, at
    return found


def daily(
    trades: Sequence[ClosedTrade], flows: Sequence[Flow], *, start: Decimal, until: datetime
) -> list[Day]:
    """Every day (UTC) from the first trade or flow to the last, the quiet ones included."""
    moves = _moves(trades, flows)
    if not moves:
        return []
    by_day = {
        day: (total(pnl for _, pnl, _ in group), total(flow for _, _, flow in group))
        for day, group in (
            (day, list(group)) for day, group in groupby(moves, lambda move: _day(move[0]))
        )
    }
    first, last = _day(moves[0][0]), max(_day(until), _day(moves[-1][0]))
    equity, found = start, []
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        pnl, flow = by_day.get(day, (ZERO, ZERO))
        equity += pnl + flow
        found.append(Day(day, pnl, equity))
    return found


def sharpe_ratio(days: Sequence[Day], flows: Sequence[Flow], *, start: Decimal) -> float | None:
    """A day's return is its pnl over what the day began with, its own deposits included."""
    deposits: dict[date, Decimal] = {}
    for flow in flows:
        deposits[_day(flow.at)] = deposits.get(_day(flow.at), ZERO) + flow.amount
    equity, found = start, []
    for day in days:
        base = equity + deposits.get(day.date, ZERO)
        if base > 0:
            found.append(float(day.pnl / base))
        equity = day.equity
    return returns.sharpe(np.array(found), a_year=DAYS_A_YEAR)


def streak(trades: Sequence[ClosedTrade]) -> Streak | None:
    """None without a trade, or where the last one was neither won nor lost. Sorted by time."""
    found: Streak | None = None
    for trade in reversed(trades):
        if trade.pnl == 0 or (found is not None and found.is_winning != (trade.pnl > 0)):
            break
        count = 1 if found is None else found.count + 1
        found = Streak(is_winning=trade.pnl > 0, count=count, started_at=trade.closed_at)
    return found


class Month(NamedTuple):
    """`fraction` is of what the month began with and was paid in since; None without any."""

    first: date
    pnl: Decimal
    fraction: Decimal | None


def months(days: Sequence[Day]) -> list[Month]:
    """Of the days that `daily` gives."""
    found = []
    for first, group in groupby(days, lambda day: day.date.replace(day=1)):
        of_month = list(group)
        pnl = total(day.pnl for day in of_month)
        base = of_month[-1].equity - pnl  # began with + paid in
        found.append(Month(first, pnl, pnl / base if base > 0 else None))
    return found


def _moves(
    trades: Sequence[ClosedTrade], flows: Sequence[Flow]
) -> list[tuple[datetime, Decimal, Decimal]]:
    """(at, pnl, flow) in the order of time; of the same moment, money first."""
    moves = [(flow.at, ZERO, flow.amount) for flow in flows]
    moves += [(trade.closed_at, trade.pnl, ZERO) for trade in trades]
    return sorted(moves, key=lambda move: move[0])


def _average_duration(trades: Sequence[ClosedTrade]) -> timedelta | None:
    if not trades:
        return None
    lasted = (trade.closed_at - trade.opened_at for trade in trades)
    return sum(lasted, timedelta()) / len(trades)


def _day(at: datetime) -> date:
    return at.astimezone(UTC).date()
