"""What is checked: a strategy that decides about the last close, or a function that gives columns.

Both are asked for a table: for each column an array with one answer for each row. The columns of a
strategy are the kinds of signals, and an answer is a tuple, empty where it was silent.
"""

import ast
import inspect
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from trading.candles import CandleSeries
from trading.mistakes import caught, words
from trading.signal_checks import checked
from trading.signals import Action, Signal
from trading.strategies import Strategy

Table = dict[str, NDArray[Any]]
ERROR = "error"
"""The column of what went wrong, in words; "" where nothing did. Every table has it."""
KINDS = frozenset(action.value for action in Action)


class Subject(Protocol):
    @property
    def code(self) -> str: ...

    @property
    def warmup(self) -> int:
        """How many candles it says that it needs for an answer."""

    @property
    def asks_row_by_row(self) -> bool:
        """Whether one more row costs one short look, and not the whole table."""

    def kinds(self, table: Table) -> frozenset[str]:
        """The kinds of signals that it may give."""

    def first_row(self, longest: int) -> int:
        """The first row to ask about where `longest` candles are to stand before each."""

    def known_at(self, row: int) -> Sequence[int]:
        """The rows about which it speaks when `row` is the last."""

    def table(self, candles: CandleSeries, rows: Sequence[int]) -> Table:
        """What it says of these rows when it is handed `candles`."""

    def with_history(self, candles: CandleSeries, row: int, count: int) -> Table:
        """What it says of one row when it is handed the `count` candles that end there."""


@dataclass(frozen=True, slots=True)
class Decider:
    """A strategy with its parameters. It sees exactly `warmup` candles, as it does when it runs:
    views, so that the later ones lie in the same memory, just beyond.

    `may_say` are the kinds that it is expected to give on some market.
    """

    code: str
    warmup: int
    decide: Callable[[CandleSeries], Sequence[Signal]]
    may_say: frozenset[str] = KINDS

    @property
    def asks_row_by_row(self) -> bool:
        return True

    def kinds(self, table: Table) -> frozenset[str]:
        return self.may_say | {kind for kind in KINDS if any(table[kind])}

    def first_row(self, longest: int) -> int:
        return longest - 1

    def known_at(self, row: int) -> Sequence[int]:
        return (row,)

    def table(self, candles: CandleSeries, rows: Sequence[int]) -> Table:
        found = _empty(len(rows))
        for index, row in enumerate(rows):
            self._ask(until(candles, row + 1).last(self.warmup), index, found)
        return found

    def with_history(self, candles: CandleSeries, row: int, count: int) -> Table:
        found = _empty(1)
        self._ask(until(candles, row + 1).last(count), 0, found)
        return found

    def _ask(self, seen: CandleSeries, index: int, found: Table) -> None:
        with caught() as failed:
            with warnings.catch_warnings(action="ignore", category=RuntimeWarning):
                said = self.decide(seen)
            for place, signal in enumerate(said):
                kind = _about_last_close(checked(signal), seen).action.value
                found[kind][index] = (*found[kind][index], (place, signal))
        if failed.mistake is not None:
            for kind in KINDS:
                found[kind][index] = ()
            found[ERROR][index] = words(failed.mistake)


@dataclass(frozen=True, slots=True)
class Columns:
    """A function from all candles to arrays of their length, one value a candle: numbers or truth
    values; NaN = nothing. A column with the name of an action (`enter_long`) is a signal."""

    code: str
    warmup: int
    function: Callable[[CandleSeries], Mapping[str, NDArray[Any]]]

    @property
    def asks_row_by_row(self) -> bool:
        return False

    def kinds(self, table: Table) -> frozenset[str]:
        return KINDS & set(table)

    def first_row(self, longest: int) -> int:
        return 0

    def known_at(self, row: int) -> Sequence[int]:
        return range(row + 1)

    def table(self, candles: CandleSeries, rows: Sequence[int]) -> Table:
        found: Table = {}
        with caught() as failed:
            with warnings.catch_warnings(action="ignore", category=RuntimeWarning):
                columns = self.function(candles)
            found = {name: _column(name, values, len(candles)) for name, values in columns.items()}
        if failed.mistake is not None:
            return {ERROR: _texts(len(rows), words(failed.mistake))}
        chosen = np.asarray(rows, dtype=np.intp)
        return {ERROR: _texts(len(rows), "")} | {
            name: values[chosen] for name, values in found.items()
        }

    def with_history(self, candles: CandleSeries, row: int, count: int) -> Table:
        seen = until(candles, row + 1).last(count)
        return self.table(seen, (len(seen) - 1,))


def decider(
    strategy: Strategy, values: Mapping[str, object], *, may_say: frozenset[str] | None = None
) -> Decider:
    """Without `may_say` a strategy is expected to give the kinds that its source names. Raises
    ParametersNotUsable."""
    parameters = strategy.parse(values)
    return Decider(
        strategy.code,
        strategy.warmup(parameters),
        lambda candles: strategy.decide(candles, parameters),
        may_say or _named_in_source(strategy),
    )


def until(candles: CandleSeries, count: int) -> CandleSeries:
    """The first `count` candles, as views."""
    return with_arrays(candles, lambda column: column[:count])


def with_arrays(
    candles: CandleSeries, change: Callable[[NDArray[Any]], NDArray[Any]]
) -> CandleSeries:
    """The series with each of its arrays changed, the times too."""
    columns = [change(getattr(candles, name)) for name in PRICES_AND_VOLUME]
    return CandleSeries(candles.symbol, candles.timeframe, change(candles.close_times), *columns)


PRICES_AND_VOLUME = ("open", "high", "low", "close", "volume")


def _named_in_source(strategy: Strategy) -> frozenset[str]:
    """The actions that stand in the file of `decide`; all of them where none does."""
    source = Path(inspect.getfile(strategy.decide)).read_text()
    named = {
        Action[node.attr].value
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Attribute) and node.attr in Action.__members__
    }
    return frozenset(named) or KINDS


def _about_last_close(signal: Signal, seen: CandleSeries) -> Signal:
    if signal.symbol != seen.symbol or float(signal.reference_price) != seen.close[-1]:
        raise ValueError(
            f"a signal on {signal.symbol} at {signal.reference_price} is not about the last close "
            f"of {seen.symbol} at {seen.close[-1]}"
        )
    return signal


def _empty(count: int) -> Table:
    table: Table = {ERROR: _texts(count, "")}
    for kind in sorted(KINDS):
        table[kind] = np.empty(count, dtype=object)
        table[kind].fill(())
    return table


def _texts(count: int, text: str) -> NDArray[Any]:
    return np.full(count, text, dtype=object)


def _column(name: str, values: Any, length: int) -> NDArray[Any]:
    column = np.asarray(values)
    if column.shape != (length,):
        raise ValueError(f"column '{name}' has the shape {column.shape}, not ({length},)")
    if column.dtype.kind not in "biuf":
        raise TypeError(f"column '{name}' must hold numbers, not {column.dtype}")
    return column.astype(np.float64)
