"""The sums behind the figures of a run, in plain loops that the machine compiles: one over the ends
of the days, one over the trades. What is added up is what `trading.performance` adds up."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from trading.compiled.book import Record
from trading.performance.returns import NO_SPREAD, TAIL, Floats

Rows = NDArray[np.int64]


class Days(NamedTuple):
    """Of the days with a return: their number and sums. `grown` is the growth of 1 at the end;
    `fell` and `rose` are the times between which the greatest drawdown lies."""

    known: int
    mean: float
    deviation: float
    largest: float
    squared_losses: float
    gained: float
    lost: float
    tail: float
    grown: float
    greatest: float
    squared_falls: float
    fell: int
    rose: int
    equity: float  # the mean of all days


class Trades(NamedTuple):
    """Sums are whole numbers of the smallest unit, but `turned` and `deviation`."""

    wins: int
    losses: int
    won: int
    lost: int
    fees: int
    held: int  # seconds
    turned: float
    deviation: float
    most_wins: int
    most_losses: int


def add_days(cash: float, began: int, times: Rows, equity: Floats) -> tuple[Any, ...]:
    """The fields of `Days`, of the ends of the days."""
    found, grown, known = np.empty(len(equity)), np.empty(len(equity)), 0
    before, growth, total = cash, 1.0, 0.0
    for day in range(len(equity)):
        worth = equity[day]
        change = worth / before - 1.0 if before > 0 else np.nan
        if np.isfinite(change):
            found[known] = change
            known += 1
            growth *= 1.0 + max(change, -1.0)
        before, grown[day] = worth, growth
        total += worth
    falls = add_falls(began, times, grown)
    return (known, *add_returns(found[:known]), growth, *falls, total / len(equity))


def add_falls(began: int, times: Rows, grown: Floats) -> tuple[float, float, int, int]:
    """What stands in `Days` from the greatest drawdown on."""
    peak, peaked, greatest, squared = 1.0, began, 0.0, 0.0
    level, fell, rose, is_back = 1.0, began, began, True
    for day in range(len(grown)):
        if grown[day] > peak:
            peak, peaked = grown[day], times[day]
        fall = 1.0 - grown[day] / peak
        fall = fall if fall > NO_SPREAD else 0.0
        squared += fall * fall
        if fall > greatest:
            greatest, level, fell, is_back = fall, peak, peaked, False
        elif not is_back and grown[day] >= level * (1.0 - NO_SPREAD):
            rose, is_back = times[day], True
    if not is_back:
        rose = times[-1]
    if not np.isfinite(grown[-1]):
        return np.nan, np.nan, began, began
    return greatest, squared, fell, rose


def add_returns(found: Floats) -> tuple[float, float, float, float, float, float, float]:
    """Mean, deviation, the largest, and what follows in `Days` up to the tail."""
    gained, lost, squared_losses, squared, largest = 0.0, 0.0, 0.0, 0.0, 0.0
    for change in found:
        largest = max(largest, abs(change))
        if change > 0:
            gained += change
        else:
            lost -= change
            squared_losses += change * change
    count = len(found)
    mean = (gained - lost) / max(count, 1)
    for change in found:
        squared += (change - mean) * (change - mean)
    worst = np.sort(found)[: -(-count // TAIL)]
    tail = np.sum(worst) / max(len(worst), 1)
    deviation = np.sqrt(squared / max(count - 1, 1))
    return mean, deviation, largest, squared_losses, gained, lost, tail


def add_trades(trips: Record, times: Rows) -> tuple[Any, ...]:
    """The fields of `Trades`. The deviation is 0 where all outcomes are alike."""
    wins, losses, won, lost, fees, held, turned = 0, 0, 0, 0, 0, 0, 0.0
    most_wins, most_losses, winning, losing, are_alike = 0, 0, 0, 0, True
    for trip in trips:
        pnl = trip.pnl
        winning, losing = (winning + 1) * (pnl > 0), (losing + 1) * (pnl < 0)
        wins, losses = wins + (pnl > 0), losses + (pnl < 0)
        won, lost = won + max(pnl, 0), lost + min(pnl, 0)
        most_wins, most_losses = max(most_wins, winning), max(most_losses, losing)
        fees += trip.entry_fee + trip.exit_fee
        held += times[trip.exit_row] - times[trip.entry_row]
        turned += float(abs(trip.quantity)) * float(trip.entry_price + trip.exit_price)
        are_alike &= pnl == trips[0].pnl
    squared, mean = 0.0, float(won + lost) / max(len(trips), 1)
    if not are_alike:
        for trip in trips:
            squared += (float(trip.pnl) - mean) ** 2
    deviation = np.sqrt(squared / max(len(trips) - 1, 1))
    return wins, losses, won, lost, fees, held, turned, deviation, most_wins, most_losses
