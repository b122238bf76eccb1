"""From an equity marked to market to its daily returns. Pure.

A day (UTC) ends at its midnight, the moment included: a daily candle closes in the day it tells of.
The last point of each day is its mark; a day without a point is no day of trading, and what moved
in it is part of the next one. The first point is only what the first day begins with.

    a day's return  mark / (the mark before + what was paid in since) - 1. What comes or goes is
                    there from the day's beginning; the product of days is time-weighted
"""

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import NDArray

from trading.performance.realised import Flow
from trading.performance.returns import Floats

DAY_SECONDS = 86_400
Times = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Curve:
    """`times` are seconds since the epoch, UTC, rising; what is dated at one is part of it."""

    times: Times
    equity: Floats

    def __post_init__(self) -> None:
        if len(self.times) != len(self.equity):
            raise ValueError(f"{len(self.times)} times for {len(self.equity)} values")
        if len(self.times) > 1 and int(np.min(np.diff(self.times))) <= 0:
            raise ValueError("the times of a curve must rise")
        if not np.all(np.isfinite(self.equity)):
            raise ValueError("every value of a curve must be a finite number")

    @classmethod
    def beginning_with(cls, cash: float, *, at: int, times: Times, equity: Floats) -> "Curve":
        """Of a simulation that had `cash` at `at`, before the first of its times: what the first
        candle does is a return too.
        """
        return cls(np.append(np.int64(at), times), np.append(np.float64(cash), equity))

    @property
    def seconds(self) -> int:
        """From the first point to the last."""
        return int(self.times[-1] - self.times[0]) if len(self.times) else 0


@dataclass(frozen=True, slots=True)
class Daily:
    """The marks after the first point, by day. A return is NaN where there was nothing to begin
    with, or less.
    """

    times: Times
    equity: Floats
    returns: Floats

    @property
    def is_known(self) -> NDArray[np.bool_]:
        return np.isfinite(self.returns)

    @property
    def dates(self) -> NDArray[np.datetime64]:
        return day_numbers(self.times).astype("datetime64[D]")


def day_numbers(times: Times) -> Times:
    """Days since the epoch; midnight ends the day before."""
    numbers: Times = (times - 1) // DAY_SECONDS
    return numbers


def daily_returns(curve: Curve, flows: Iterable[Flow] = ()) -> Daily:
    """A flow up to the first point is part of it; one after the last point is not seen yet."""
    marks = _marks(curve.times)
    times, equity = curve.times[marks], curve.equity[marks]
    if not len(marks):
        return Daily(times, equity, np.empty(0))
    base = np.concatenate([curve.equity[:1], equity[:-1]]) + _paid(curve, times, flows)
    with np.errstate(all="ignore"):
        returns = np.where(base > 0, equity / base - 1.0, np.nan)
    return Daily(times, equity, np.where(np.isfinite(returns), returns, np.nan))


def benchmark_returns(benchmark: Curve, started_at: int, daily: Daily) -> Floats | None:
    """Of holding it, over the same days: by its last close at or before each mark. None where it
    has no close by the start, or one that is not above zero.
    """
    at = np.searchsorted(benchmark.times, np.append(started_at, daily.times), side="right") - 1
    if at[0] < 0:
        return None
    closes = benchmark.equity[at]
    return closes[1:] / closes[:-1] - 1.0 if bool(np.all(closes > 0)) else None


def worth_of_holding(
    returns: Floats, curve: Curve, daily: Daily, flows: Iterable[Flow] = ()
) -> Floats:
    """At each mark, of what the curve began with and what was paid in since, held at these returns
    all the while.
    """
    worth, found = float(curve.equity[0]), []
    for change, paid in zip(returns, _paid(curve, daily.times, flows), strict=True):
        worth = (worth + float(paid)) * (1.0 + float(change))
        found.append(worth)
    return np.array(found, np.float64)


def _paid(curve: Curve, times: Times, flows: Iterable[Flow]) -> Floats:
    """By the mark that ends the day of each."""
    found: Floats = np.zeros(len(times))
    for flow in flows:
        at = ceil(flow.at.timestamp())
        slot = int(np.searchsorted(times, at))
        if curve.times[0] < at and slot < len(times):
            found[slot] += float(flow.amount)
    return found


def _marks(times: Times) -> NDArray[np.intp]:
    """The index of the last point of each day, but of the first point."""
    if not len(times):
        return np.empty(0, np.intp)
    days = day_numbers(times)
    last = np.flatnonzero(np.append(days[1:] != days[:-1], [True]))
    return last[last > 0]
