"""How many candles a subject needs until a longer history changes nothing that it says."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from itertools import zip_longest

import numpy as np
from numpy.typing import NDArray

from trading.integrity.comparing import Look, in_words, spoken
from trading.integrity.look_ahead import judged, rows_to_try
from trading.integrity.subjects import ERROR, KINDS, Subject, Table
from trading.integrity.verdicts import Check, Verdict, Violation, failed, moment
from trading.signals import Signal

LONGER = 4
"""The long history is so many times the declared warm-up, and at least `LEAST_HISTORY`."""
LEAST_HISTORY = 300
TELLING_ROWS = 20
"""Of each market, to find the smallest history with."""
DRIFT = 0.01
"""A column may be off by this part of its own spread (standard deviation) and still has settled.
Signals may not: one that is there or not is a flip."""

PRICE_DRIFT = Decimal("0.001")
"""A stop, a target or another number of a signal may be off by this part of the price."""

Placed = tuple[int, Signal]


@dataclass(frozen=True, slots=True)
class _Case:
    """One row, what the long history says of it, and how much each column moves."""

    look: Look
    row: int
    expected: Table
    kinds: frozenset[str]
    spreads: dict[str, float]
    is_telling: bool


def longest_history(warmup: int) -> int:
    return max(LONGER * warmup, LEAST_HISTORY)


def warmup(subject: Subject, looks: Sequence[Look]) -> Verdict:
    """Declared against needed. `numbers["needed"]` is the smallest history from which no flip was
    seen; it is missing where even the longest but one flips."""
    longest = longest_history(subject.warmup)
    cases = [case for looked in looks for case in _cases(subject, looked, longest)]
    flips = [flip for case in cases if (flip := _flip(subject, case, subject.warmup))]
    telling = [case for case in cases if case.is_telling or _flip(subject, case, subject.warmup)]
    needed = smallest(
        lambda count: not any(_flip(subject, case, count) for case in telling),
        declared=subject.warmup,
        longest=longest,
        is_enough=not flips,
    )
    numbers: dict[str, float] = {
        "declared": subject.warmup,
        "longest": longest,
        "rows": len(cases),
        "flips": len(flips),
    }
    if needed is not None:
        numbers["needed"] = needed
    if flips:
        first = min(flips, key=lambda flip: (flip.at, flip.where))
        enough = f"{needed} are enough" if needed else f"even {longest // 2} are not enough"
        reason = f"The warm-up of {subject.warmup} candles is too short, {enough}: {first}."
        return failed(Check.WARMUP, reason, first, numbers)
    return judged(Check.WARMUP, None, _answers(subject, cases), numbers)


def smallest(
    agrees: Callable[[int], bool], *, declared: int, longest: int, is_enough: bool
) -> int | None:
    """The smallest history that agrees, by doubling and then by halves; None = none below
    `longest`, where everything agrees with itself. Longer histories are taken to agree once a
    shorter one does."""
    low, high = 0, declared
    if not is_enough:
        while True:
            low, high = high, high * 2
            if high >= longest:
                return None
            if agrees(high):
                break
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if agrees(middle) else (middle, high)
    return high


def _cases(subject: Subject, looked: Look, longest: int) -> list[_Case]:
    """Telling are rows where it spoke, those behind them, and a few others; of a strategy all rows
    are compared with the longest history, and of columns a few. All have it before them."""
    rows = rows_to_try(subject, looked, longest - 1)
    beside = sorted({row + 1 for row in rows} - set(rows))
    telling = {*rows, *beside[: max(0, TELLING_ROWS - len(rows))]}
    everything = range(longest - 1, len(looked.market.candles))
    chosen = everything if subject.asks_row_by_row else sorted(telling)
    kinds = subject.kinds(looked.table)
    spreads = {
        name: _spread(column)
        for name, column in looked.table.items()
        if name != ERROR and name not in KINDS
    }
    candles = looked.market.candles
    return [
        _Case(
            looked,
            row,
            subject.with_history(candles, row, longest),
            kinds,
            spreads,
            row in telling,
        )
        for row in chosen
    ]


def _flip(subject: Subject, case: _Case, count: int) -> Violation | None:
    if subject.asks_row_by_row and count == subject.warmup:
        found = case.look.at((case.row,))
    else:
        found = subject.with_history(case.look.market.candles, case.row, count)
    for name in sorted(case.expected.keys() | found.keys()):
        if not _agree(case, name, found):
            return Violation(
                case.look.market.name,
                moment(case.look.market.candles.close_times[case.row]),
                name,
                in_words(case.expected, name, 0),
                in_words(found, name, 0),
            )
    return None


def _agree(case: _Case, name: str, found: Table) -> bool:
    if name not in case.expected or name not in found:
        return False
    expected, value = case.expected[name][0], found[name][0]
    if name == ERROR:
        return bool(expected == value)
    if isinstance(expected, tuple):
        return _same_signals(expected, value)
    if name in case.kinds:
        return bool(np.nan_to_num(expected)) == bool(np.nan_to_num(value))
    if np.isfinite(expected) != np.isfinite(value):
        return False
    return not np.isfinite(expected) or abs(expected - value) <= DRIFT * case.spreads.get(name, 0.0)


def _same_signals(expected: tuple[Placed, ...], found: tuple[Placed, ...]) -> bool:
    """As many, with the same prices but for `PRICE_DRIFT`."""
    if len(expected) != len(found):
        return False
    for (_, one), (_, other) in zip(expected, found, strict=True):
        pairs = list(zip_longest(_numbers(asdict(one)), _numbers(asdict(other))))
        if any(a is None or b is None for a, b in pairs):
            return False
        if any(abs(a - b) > PRICE_DRIFT * max(one.reference_price, a) for a, b in pairs):
            return False
    return True


def _numbers(value: object) -> Iterator[Decimal]:
    """Every Decimal in nested values, in their order."""
    if isinstance(value, Decimal):
        yield value
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | tuple):
        for part in value:
            yield from _numbers(part)


def _spread(column: NDArray[np.float64]) -> float:
    finite = column[np.isfinite(column)]
    return float(finite.std()) if finite.size else 0.0


def _answers(subject: Subject, cases: Sequence[_Case]) -> dict[str, int]:
    answers: dict[str, int] = {}
    for case in cases:
        for name, places in spoken(subject, case.expected).items():
            answers[name] = answers.get(name, 0) + len(places)
    return answers
