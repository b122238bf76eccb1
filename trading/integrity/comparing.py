"""Which answers differ, and which kinds of answers there were."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from trading.integrity.markets import Market
from trading.integrity.subjects import ERROR, KINDS, Subject, Table
from trading.integrity.verdicts import Violation, moment
from trading.signals import Signal

# Sums of the same numbers in another order differ by so much: of the values, or of the column.
RELATIVE = 1e-9
OF_COLUMN = 1e-12


class Look(NamedTuple):
    """What a subject says of all rows of a market from `first` on."""

    market: Market
    first: int
    table: Table

    def at(self, rows: Sequence[int]) -> Table:
        chosen = np.asarray(rows, dtype=np.intp) - self.first
        return {name: column[chosen] for name, column in self.table.items()}


def look(subject: Subject, market: Market, first: int) -> Look:
    rows = range(first, len(market.candles))
    return Look(market, first, subject.table(market.candles, rows))


def differences(expected: Table, found: Table) -> Iterator[tuple[int, str]]:
    """The first differing row (as a place in the tables) of each column, in order of names."""
    for name in sorted(expected.keys() | found.keys()):
        if name not in expected or name not in found:
            yield 0, name
            continue
        differing = np.flatnonzero(_differ(expected[name], found[name]))
        if differing.size:
            yield int(differing[0]), name


def first_violation(
    market: Market, rows: Sequence[int], expected: Table, found: Table
) -> Violation | None:
    """The earliest row, and of it the first column."""
    differing = min(differences(expected, found), default=None)
    if differing is None:
        return None
    place, name = differing
    return Violation(
        market.name,
        moment(market.candles.close_times[rows[place]]),
        name,
        in_words(expected, name, place),
        in_words(found, name, place),
    )


def spoken(subject: Subject, table: Table) -> dict[str, list[int]]:
    """For each kind of signal, and each other column, the places where there was an answer."""
    kinds = subject.kinds(table)
    columns = kinds | (table.keys() - KINDS - {ERROR})
    return {name: _answered(table.get(name), is_kind=name in kinds) for name in sorted(columns)}


def in_words(table: Table, name: str, place: int) -> str:
    if name not in table:
        return "no such column" if not _error(table, place) else _error(table, place)
    value = table[name][place]
    if isinstance(value, tuple):
        return "; ".join(_signal_in_words(signal) for _, signal in value) or "nothing"
    return value or "no error" if isinstance(value, str) else f"{float(value):.10g}"


def _signal_in_words(signal: Signal) -> str:
    plan = signal.exit_plan
    parts = [f"{signal.action} at {signal.reference_price}"]
    parts += [f"stop {plan.stop_price}"] if plan.stop_price is not None else []
    parts += [f"target {plan.target_price}"] if plan.target_price is not None else []
    return ", ".join(parts)


def _error(table: Table, place: int) -> str:
    return str(table[ERROR][place])


def _answered(column: NDArray[Any] | None, *, is_kind: bool) -> list[int]:
    if column is None:
        return []
    if column.dtype == object:
        return [place for place, value in enumerate(column) if value]
    has_value = np.isfinite(column)
    return np.flatnonzero(has_value & (column != 0) if is_kind else has_value).tolist()


def _differ(one: NDArray[Any], other: NDArray[Any]) -> NDArray[np.bool_]:
    if object in (one.dtype, other.dtype):
        return np.array([a != b for a, b in zip(one, other, strict=True)], dtype=np.bool_)
    finite = np.abs(one[np.isfinite(one)])
    scale = float(finite.max()) if finite.size else 0.0
    differ: NDArray[np.bool_] = ~np.isclose(
        other, one, rtol=RELATIVE, atol=scale * OF_COLUMN, equal_nan=True
    )
    return differ
