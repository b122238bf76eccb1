"""Where the lines and the shades of a drawn report lie. Pure: numbers only, no markup."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite

import numpy as np

from trading.performance.breakdown import MonthReturn
from trading.performance.curve import Curve, Times
from trading.performance.report import Report
from trading.performance.returns import Floats, drawdowns

WIDTH, HEIGHT = 900, 220  # of a drawing, in its own units
MOST_POINTS = 450  # two units apart: more could not be told from one another
FEWEST = 2  # a line has two ends
Points = tuple[Times, Floats]
SHADES = 5
DARKEST_AT = 0.10  # a month's return, up or down, that gets the darkest shade


@dataclass(frozen=True, slots=True)
class Line:
    """`points` as a polyline of SVG has them, within WIDTH x HEIGHT, up is more. `low` and `high`
    are the values at the edges.
    """

    points: str
    low: float
    high: float
    width: int = WIDTH
    height: int = HEIGHT

    @property
    def lowest(self) -> str:
        return f"{self.low:,.2f}"

    @property
    def highest(self) -> str:
        return f"{self.high:,.2f}"

    @property
    def area(self) -> str:
        """The polygon between the line and the upper edge, where a drawdown is none."""
        return f"0,0 {self.points} {WIDTH},0"


@dataclass(frozen=True, slots=True)
class Cell:
    """`shade` from -5 (lost most) to 5; 0 is no change, None not known."""

    value: float | None
    shade: int | None

    @property
    def said(self) -> str:
        """In percent, with its sign; empty where not known."""
        return "" if self.value is None else f"{self.value * 100:+,.2f}"


@dataclass(frozen=True, slots=True)
class Year:
    """Twelve cells, and the product of those known."""

    year: int
    months: tuple[Cell, ...]
    whole: Cell


Lines = tuple[Line | None, Line | None]


def equity_lines(told: Report, through: Curve | None = None) -> Lines:
    """The equity, and what holding would have come to, on one scale. None with fewer than two
    marks, or nothing to hold. With `through`, which nothing was paid into, point by point.
    """
    held = told.daily.times, told.held
    if through is None:
        return _together((told.daily.times, told.daily.equity), held)
    return _together((through.times, through.equity), _after(through, through.equity[:1], held))


def underwater_lines(told: Report, through: Curve | None = None) -> Lines:
    """From 0 down: of the equity's growth, and of holding."""
    held = told.daily.times, -told.held_drawdowns
    if through is None:
        return _together((told.daily.times, -told.drawdowns), held, high=0.0)
    falls = -drawdowns(np.maximum(through.equity, 0.0))
    return _together((through.times, falls), _after(through, falls[:1], held), high=0.0)


def _after(through: Curve, first: Floats, marks: Points) -> Points:
    """With the beginning before them, where there are any."""
    times, values = marks
    if not len(values):
        return marks
    return np.append(through.times[:1], times), np.append(first, values)


def _together(points: Points, beside: Points, *, high: float | None = None) -> Lines:
    at, values = points
    known = np.isfinite(values)
    if np.count_nonzero(known) < FEWEST:
        return None, None
    both = np.concatenate([values[known], beside[1]])
    low, high = float(np.min(both)), float(np.max(both)) if high is None else high
    ends = int(at[0]), int(at[-1])
    found = line(at[known], values[known], low=low, high=high, ends=ends)
    return found, line(*beside, low=low, high=high, ends=ends) if len(beside[1]) else None


def line(
    at: Floats | Times,
    values: Floats,
    *,
    low: float | None = None,
    high: float | None = None,
    ends: tuple[int, int] | None = None,
) -> Line | None:
    """Through the lowest and the highest of each stretch, so that no peak is lost in thinning. Its
    edges are its own, where none are given."""
    if len(values) < FEWEST:
        return None
    kept = _kept(values)
    low = float(np.min(values)) if low is None else low
    high = float(np.max(values)) if high is None else high
    first, last = (at[0], at[-1]) if ends is None else ends
    across = (at[kept] - first) / (last - first) * WIDTH
    down = (high - values[kept]) / (high - low or 1.0) * HEIGHT
    return Line(" ".join(f"{x:.1f},{y:.1f}" for x, y in zip(across, down, strict=True)), low, high)


def years(months: Sequence[MonthReturn]) -> list[Year]:
    """The latest first."""
    found = {(month.year, month.month): month.value for month in months}
    return [_year(year, found) for year in sorted({year for year, _ in found}, reverse=True)]


def shade(value: float | None) -> Cell:
    if value is None or not isfinite(value):
        return Cell(None, None)
    steps = min(SHADES, -(-abs(value) * SHADES // DARKEST_AT))
    return Cell(value, int(steps if value > 0 else -steps))


def _year(year: int, found: dict[tuple[int, int], float | None]) -> Year:
    values = [found.get((year, month)) for month in range(1, 13)]
    known = [1 + value for value in values if value is not None]
    whole = float(np.prod(known)) - 1 if known else None
    return Year(year, tuple(shade(value) for value in values), shade(whole))


def _kept(values: Floats) -> list[int]:
    """Indices, rising: the ends, and of each stretch its extremes."""
    if len(values) <= MOST_POINTS:
        return list(range(len(values)))
    kept = {0, len(values) - 1}
    for stretch in np.array_split(np.arange(len(values)), MOST_POINTS // 2 - 1):
        part = values[stretch]
        kept |= {int(stretch[np.argmin(part)]), int(stretch[np.argmax(part)])}
    return sorted(kept)
