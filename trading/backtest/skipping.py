"""Which candles need no thought: between two of them nothing can be filled, moved, charged or
said.

It only saves time. What it names may turn out to be nothing: it compares floats, which never put
two exact prices in another order, and takes equal for reached.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from trading.backtest.book import Account, Placed
from trading.backtest.settings import Market
from trading.backtest.timeline import Timeline
from trading.candle_history import microseconds
from trading.candles import FloatArray
from trading.matching import awaited
from trading.orders import OrderType, TimeInForce

# Candles that are looked through at once: few at first, since a stop is often near.
_FIRST, _MOST = 64, 16_384


@dataclass(slots=True)
class Skipping:
    timeline: Timeline
    markets: Sequence[Market]
    due: dict[int, int]  # the next funding rate, by instrument
    lows: dict[int, FloatArray] = field(default_factory=dict)
    highs: dict[int, FloatArray] = field(default_factory=dict)

    def next_row(self, account: Account, row: int, limit: int) -> int:
        """The first row after `row` at which something may happen; `limit` = not before that."""
        found = limit
        for key in account.climbs:
            found = min(found, self._next_candle(key, row))
        for key, state in account.positions.items():
            if state.quantity:
                found = min(found, self._funding(key, row))
        for order in account.working.values():
            if found <= row + 1:
                break
            found = min(found, self._met(order, row, found))
        return found

    def _next_candle(self, key: int, row: int) -> int:
        index = self.timeline.first_from(key, row + 1)
        if index >= len(self.timeline.histories[key]):
            return len(self.timeline)
        return self.timeline.row_of(key, index)

    def _funding(self, key: int, row: int) -> int:
        rates, number = self.markets[key].funding, self.due.get(key, 0)
        if number >= len(rates):
            return len(self.timeline)
        due = microseconds(rates[number][0])
        charged = int(np.searchsorted(self.timeline.close_times, due))
        return self._next_candle(key, max(charged - 1, row))

    def _met(self, order: Placed, row: int, limit: int) -> int:
        """Where a candle may first mean something to an order that works."""
        ticket, key = order.ticket, order.instrument
        price, waits_for_a_rise = awaited(ticket)
        if (
            price is None
            or ticket.time_in_force is not TimeInForce.GTC
            or ticket.order_type is OrderType.TRAILING_STOP_MARKET
        ):
            return self._next_candle(key, row)
        first = self.timeline.first_from(key, row + 1)
        end = self.timeline.first_from(key, limit)
        if waits_for_a_rise:
            index = _first_true(self._highs(key), first, end, float(price), rise=True)
        else:
            index = _first_true(self._lows(key), first, end, float(price), rise=False)
        return limit if index is None else self.timeline.row_of(key, index)

    def _lows(self, key: int) -> FloatArray:
        if key not in self.lows:
            self.lows[key] = self.timeline.histories[key].low.floats()
        return self.lows[key]

    def _highs(self, key: int) -> FloatArray:
        if key not in self.highs:
            self.highs[key] = self.timeline.histories[key].high.floats()
        return self.highs[key]


def _first_true(
    prices: FloatArray, first: int, end: int, level: float, *, rise: bool
) -> int | None:
    """The first index in [first, end) at which the price is at the level or beyond it."""
    # What an exact price became by two roundings may be one float off.
    level = float(np.nextafter(level, -np.inf if rise else np.inf))
    length = _FIRST
    while first < end:
        part = prices[first : min(first + length, end)]
        reached = part >= level if rise else part <= level
        place = int(reached.argmax())
        if reached[place]:
            return first + place
        first, length = first + length, min(length * 2, _MOST)
    return None
