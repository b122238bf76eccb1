"""Every close of a backtest in one row of time, and what happens at which of its rows.

A row is the index of a close among all closes of all instruments.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from trading.backtest.settings import Market, Settings
from trading.candle_history import CandleHistory, IntArray, microseconds

_MICROSECONDS = 1_000_000  # of a second


@dataclass(frozen=True, slots=True)
class Timeline:
    """`rows` has, by instrument, the row of each of its candles; None = one candle at each."""

    close_times: IntArray  # microseconds since the epoch
    histories: Sequence[CandleHistory]
    rows: Sequence[IntArray | None]

    def __len__(self) -> int:
        return len(self.close_times)

    def first_from(self, instrument: int, row: int) -> int:
        """The index of the first candle at this row or later."""
        rows = self.rows[instrument]
        return row if rows is None else int(np.searchsorted(rows, row))

    def row_of(self, instrument: int, index: int) -> int:
        rows = self.rows[instrument]
        return index if rows is None else int(rows[index])

    def at(self, instrument: int, row: int) -> int | None:
        """The index of the candle that closes at this row; None = there is none."""
        index = self.first_from(instrument, row)
        is_there = index < len(self.histories[instrument])
        return index if is_there and self.row_of(instrument, index) == row else None

    def last_at(self, instrument: int, row: int) -> int:
        """The index of the last candle that has closed by this row; -1 = none has."""
        return self.first_from(instrument, row + 1) - 1


def timeline_of(markets: Sequence[Market]) -> Timeline:
    histories = [market.history for market in markets]
    if len(markets) == 1:
        return Timeline(histories[0].close_times, histories, [None])
    closes = np.unique(np.concatenate([history.close_times for history in histories]))
    return Timeline(
        closes, histories, [np.searchsorted(closes, history.close_times) for history in histories]
    )


class _Asked(NamedTuple):
    rows: IntArray
    places: IntArray  # in the series of the instrument


class Look(NamedTuple):
    """The strategy is asked about an instrument, seeing its series up to the candle at `place`."""

    row: int
    instrument: int
    place: int


def looks(settings: Settings, markets: Sequence[Market], timeline: Timeline) -> Iterator[Look]:
    """By row, then by symbol. Left out is where the strategy says that it has nothing to say."""
    order = sorted(range(len(markets)), key=lambda key: markets[key].rules.symbol)
    asked = [_asked(settings, markets[key], timeline, key) for key in order]
    rows = np.concatenate([each.rows for each in asked])
    keys = np.repeat(np.array(order), [len(each.rows) for each in asked])
    places = np.concatenate([each.places for each in asked])
    for item in np.argsort(rows, kind="stable"):
        yield Look(int(rows[item]), int(keys[item]), int(places[item]))


def _asked(settings: Settings, market: Market, timeline: Timeline, key: int) -> _Asked:
    strategy, parameters, series = settings.strategy, settings.parameters, market.series
    closes = series.close_times * _MICROSECONDS
    is_asked = np.ones(len(series), dtype=bool)
    if strategy.may_speak is not None and len(series):
        is_asked &= strategy.may_speak(series, parameters)
    is_asked[: max(strategy.warmup(parameters) - 1, 0)] = False
    if settings.begins_at is not None:
        is_asked &= closes > microseconds(settings.begins_at)
    # A coarser candle that ends where no finer one does cannot be traded on.
    candles = np.searchsorted(market.history.close_times, closes)
    is_asked &= candles < len(market.history)
    is_asked[is_asked] = market.history.close_times[candles[is_asked]] == closes[is_asked]
    rows = timeline.rows[key]
    candles = candles[is_asked]
    return _Asked(candles if rows is None else rows[candles], np.flatnonzero(is_asked))
