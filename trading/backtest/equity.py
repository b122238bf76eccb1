"""What an account is worth at each close."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

import numpy as np

from trading.backtest.book import Account
from trading.backtest.timeline import Timeline
from trading.candles import FloatArray


class _Mark(NamedTuple):
    row: int
    cash: Decimal
    held: dict[int, Decimal]


@dataclass(slots=True)
class Equity:
    """Cash and holdings at the rows at which they changed."""

    marks: list[_Mark] = field(default_factory=list)

    def mark(self, row: int, account: Account) -> None:
        """What there is from this row on."""
        held = {key: state.quantity for key, state in account.positions.items() if state.quantity}
        if self.marks and (self.marks[-1].cash, self.marks[-1].held) == (account.cash, held):
            return
        self.marks.append(_Mark(row, account.cash, held))

    def curve(self, timeline: Timeline) -> FloatArray:
        """Marked to the last close of each instrument, for every row."""
        worth = np.empty(len(timeline), dtype=np.float64)
        ends = [*(mark.row for mark in self.marks[1:]), len(timeline)]
        closes: dict[int, FloatArray] = {}
        for mark, end in zip(self.marks, ends, strict=True):
            part = slice(mark.row, end)
            worth[part] = float(mark.cash)
            for key, quantity in mark.held.items():
                if key not in closes:
                    closes[key] = _last_closes(timeline, key)
                worth[part] += float(quantity) * closes[key][part]
        return worth


def _last_closes(timeline: Timeline, key: int) -> FloatArray:
    """The last close by each row; NaN before the first, where nothing can be held."""
    closes, rows = timeline.histories[key].close.floats(), timeline.rows[key]
    if rows is None:
        return closes
    last = np.searchsorted(rows, np.arange(len(timeline)), side="right") - 1
    return np.where(last < 0, np.nan, closes[last])
