"""What an account is worth at each close."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

import numpy as np

from trading.backtest.book import Account
from trading.backtest.timeline import Timeline
from trading.candle_history import ExactColumn, microseconds, places_of
from trading.candles import FloatArray
from trading.money import ZERO

_Held = tuple[ExactColumn, Decimal]
"""Closes, and the quantity that is held through them."""
# Whole numbers below this are floats, and the quotient by a power of ten is the nearest to theirs.
_EXACT = 2**53


class _Mark(NamedTuple):
    row: int
    cash: Decimal
    held: dict[int, Decimal]
    cost: Decimal  # of all that is held


@dataclass(slots=True)
class Equity:
    """Cash and holdings at the rows at which they changed."""

    timeline: Timeline
    marks: list[_Mark] = field(default_factory=list)
    closes: dict[int, ExactColumn] = field(default_factory=dict)  # by instrument, the last by row

    def mark(self, row: int, account: Account) -> None:
        """What there is from this row on."""
        held = {key: state.quantity for key, state in account.positions.items() if state.quantity}
        if self.marks and (self.marks[-1].cash, self.marks[-1].held) == (account.cash, held):
            return
        cost = sum((state.cost for state in account.positions.values()), ZERO)
        self.marks.append(_Mark(row, account.cash, held, cost))

    def curve(self) -> FloatArray:
        """Marked to the last close of each instrument, for every row: the nearest float of the
        exact amount."""
        worth = np.empty(len(self.timeline), dtype=np.float64)
        for mark, part in self._parts(0, len(self.timeline)):
            worth[part] = _worth(mark.cash, self._held(mark, part))
        return worth

    def at(self, moment: datetime) -> Decimal:
        """By the last closes by then; before the first, what the account began with."""
        return self._mark_by(moment).cash + self._worth_by(moment)

    def open_at(self, moment: datetime) -> Decimal:
        """The open profit of what was held then, by the same closes."""
        return self._worth_by(moment) - self._mark_by(moment).cost

    def _worth_by(self, moment: datetime) -> Decimal:
        row, mark = self._row_by(moment), self._mark_by(moment)
        if row < 0 or not mark.held:
            return ZERO
        held = self._held(mark, slice(row, row + 1))
        return sum((price.at(0) * each for price, each in held), ZERO)

    def _mark_by(self, moment: datetime) -> _Mark:
        return self.marks[max(self._mark_at(self._row_by(moment)), 0)]

    def _row_by(self, moment: datetime) -> int:
        times = self.timeline.close_times
        return int(np.searchsorted(times, microseconds(moment), side="right")) - 1

    def _mark_at(self, row: int) -> int:
        return bisect_right(self.marks, row, key=lambda mark: mark.row) - 1

    def _parts(self, first: int, end: int) -> Iterator[tuple[_Mark, slice]]:
        """The rows of [first, end), by what was held through them."""
        marks = self.marks[max(self._mark_at(first), 0) :]
        ends = [*(min(mark.row, end) for mark in marks[1:]), end]
        for mark, until in zip(marks, ends, strict=True):
            begins = max(mark.row, first)
            if begins < until:
                yield mark, slice(begins, until)

    def _held(self, mark: _Mark, part: slice) -> list[_Held]:
        for key in mark.held.keys() - self.closes.keys():
            self.closes[key] = _last_closes(self.timeline, key)
        return [(self.closes[key].part(part), quantity) for key, quantity in mark.held.items()]


def _worth(cash: Decimal, held: Sequence[_Held]) -> FloatArray | float:
    if not held:
        return float(cash)
    places = max(places_of(cash), *(price.places + places_of(each) for price, each in held))
    largest = abs(cash) + sum((price.most() * abs(each) for price, each in held), ZERO)
    # Beyond, Python's whole numbers, whose quotient is the nearest as well.
    kind = np.int64 if largest.scaleb(places) < _EXACT else object
    units = np.full(len(held[0][0]), int(cash.scaleb(places)), dtype=kind)
    for price, each in held:
        units += price.units.astype(kind, copy=False) * int(each.scaleb(places - price.places))
    return ExactColumn(units, places).floats()


def _last_closes(timeline: Timeline, key: int) -> ExactColumn:
    """The last close by each row; before the first, where nothing can be held, the first."""
    closes, rows = timeline.histories[key].close, timeline.rows[key]
    if rows is None:
        return closes
    last = np.searchsorted(rows, np.arange(len(timeline)), side="right") - 1
    return ExactColumn(closes.units[np.maximum(last, 0)], closes.places)
