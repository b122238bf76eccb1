"""The trades of a backtest as a table of numbers: tens of thousands are read in milliseconds, and
made into trips where they are looked at."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple, overload

import numpy as np
from numpy.typing import NDArray

from apps.research.services.retelling import exact
from trading.performance.trips import Trip

WORDS = ("symbol", "side", "exit_reason", "regime")
TIMES = ("entry_time", "exit_time")
AMOUNTS = (
    "quantity", "entry_price", "exit_price", "fees", "funding", "pnl", "mae", "mfe",
)  # fmt: skip
ROW = np.dtype(
    [(name, "<i4") for name in WORDS]
    + [(name, "<i8") for name in TIMES]
    + [(name, "<f8") for name in AMOUNTS]
)
"""Words by their place in a list, times in microseconds since the epoch, amounts as JSON has them:
NaN = not known."""
EPOCH, MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)


class TradeRow(NamedTuple):
    """`number` counts from 1, in the order in which they closed."""

    number: int
    trip: Trip
    regime: str


class TradeRows(Sequence[TradeRow]):
    """`words` are those of each column of WORDS."""

    def __init__(self, rows: NDArray[Any], words: Mapping[str, Sequence[str]]) -> None:
        self.rows, self.words = rows, words

    @classmethod
    def of(cls, told: Sequence[Mapping[str, Any]]) -> "TradeRows":
        """Of the trades of `telling.as_json`."""
        rows = np.zeros(len(told), ROW)
        words: dict[str, list[str]] = {}
        for name in WORDS:
            texts = [row[name] for row in told]
            words[name] = sorted(set(texts))
            places = {word: place for place, word in enumerate(words[name])}
            rows[name] = [places[text] for text in texts]
        for name in TIMES:
            moments = (datetime.fromisoformat(row[name]) for row in told)
            rows[name] = [(moment - EPOCH) // MICROSECOND for moment in moments]
        for name in AMOUNTS:
            rows[name] = [np.nan if row[name] is None else row[name] for row in told]
        return cls(rows, words)

    def __len__(self) -> int:
        return len(self.rows)

    @overload
    def __getitem__(self, index: int) -> TradeRow: ...
    @overload
    def __getitem__(self, index: slice) -> list[TradeRow]: ...
    def __getitem__(self, index: int | slice) -> TradeRow | list[TradeRow]:
        if isinstance(index, slice):
            return self._made(range(len(self))[index])
        return self._row(range(len(self))[index])

    def of_symbol(
        self, symbol: str, first: int | None = None, until: int | None = None
    ) -> list[TradeRow]:
        """Of the instrument, those that were open at some moment from `first` to `until`, in
        seconds since the epoch."""
        return self._made(np.flatnonzero(self._is_of(symbol, first, until)).tolist())

    def last_of(self, symbol: str) -> TradeRow | None:
        found = np.flatnonzero(self._is_of(symbol))
        return self._row(int(found[-1])) if len(found) else None

    def _is_of(
        self, symbol: str, first: int | None = None, until: int | None = None
    ) -> NDArray[np.bool_]:
        symbols = self.words["symbol"]
        place = symbols.index(symbol) if symbol in symbols else -1
        found: NDArray[np.bool_] = self.rows["symbol"] == place
        if first is not None:
            found &= self.rows["exit_time"] >= first * 10**6
        if until is not None:
            found &= self.rows["entry_time"] <= until * 10**6
        return found

    def _made(self, places: Iterable[int]) -> list[TradeRow]:
        return [self._row(place) for place in places]

    def _row(self, place: int) -> TradeRow:
        row = self.rows[place]
        symbol, side, reason, regime = (self.words[name][row[name]] for name in WORDS)
        entered, left = (EPOCH + int(row[name]) * MICROSECOND for name in TIMES)
        amounts: dict[str, Any] = {
            name: None if np.isnan(row[name]) else exact(float(row[name])) for name in AMOUNTS
        }
        trip = Trip(
            symbol=symbol, direction=side, exit_reason=reason, entry_time=entered, exit_time=left,
            **amounts,
        )  # fmt: skip
        return TradeRow(place + 1, trip, regime)
