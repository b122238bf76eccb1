"""Whether an answer changes with what comes after it. No wallet and no fill is in the way: only
signals and columns are compared, so that what differs is the strategy itself."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trading.candles import CandleSeries
from trading.integrity.comparing import Look, first_violation, spoken
from trading.integrity.subjects import ERROR, PRICES_AND_VOLUME, Subject, Table, until, with_arrays
from trading.integrity.verdicts import (
    Check,
    Verdict,
    Violation,
    failed,
    inconclusive,
    passed,
)

SPOKEN_PER_KIND = 4
"""Rows of each market that are tried because a signal of a kind stands there."""
OTHER_ROWS = 6
EARLY_ROWS = 4
"""Rows that are tried because the first of them lie within the warm-up: what fills up the warm-up
from behind shows only there."""
SEED = 7

Alter = Callable[[CandleSeries, int], CandleSeries]


def truncation(subject: Subject, looks: Sequence[Look]) -> Verdict:
    """The series ends at the row: nothing is left to look ahead at."""
    return _unchanged(Check.TRUNCATION, subject, looks, (_cut,))


def scramble(subject: Subject, looks: Sequence[Look]) -> Verdict:
    """All later rows are other candles, or NaN. Who refuses NaN is tried with the others only."""
    return _unchanged(Check.SCRAMBLE, subject, looks, (_noise, _blank))


def rows_to_try(subject: Subject, looked: Look, least: int = 0) -> list[int]:
    """Some rows of each kind of signal, and others, from `least` on and never the last; oldest
    first."""
    random = np.random.default_rng(SEED)
    count = len(looked.market.candles) - 1
    least = max(least, looked.first)
    chosen: set[int] = set()
    kinds = subject.kinds(looked.table)
    for kind, places in spoken(subject, looked.table).items():
        rows = [looked.first + place for place in places if least <= looked.first + place < count]
        if kind in kinds and rows:
            chosen.update(random.choice(rows, min(SPOKEN_PER_KIND, len(rows)), replace=False))
    chosen.update(random.integers(least, count, OTHER_ROWS))
    early = least + max(subject.warmup, 2 * EARLY_ROWS)
    chosen.update(random.integers(least, min(early, count), EARLY_ROWS))
    return sorted(int(row) for row in chosen)


def judged(
    check: Check, violation: Violation | None, answers: dict[str, int], numbers: dict[str, float]
) -> Verdict:
    """`answers` are how many there were of each kind; a kind without one leaves it open."""
    told = {**numbers, **{f"answers_{name}": count for name, count in answers.items()}}
    if violation is not None:
        return failed(check, f"It does not say the same: {violation}.", violation, told)
    silent = [name for name, count in answers.items() if not count]
    if silent or not answers:
        reason = f"On the data tried it never said: {', '.join(silent) or 'anything'}."
        return inconclusive(check, reason, silent, told)
    return passed(check, f"Yes, in all {int(sum(answers.values())):,} answers compared.", told)


def _unchanged(
    check: Check, subject: Subject, looks: Sequence[Look], alterations: Sequence[Alter]
) -> Verdict:
    answers: dict[str, int] = {}
    violations: list[Violation] = []
    tried = 0
    for looked in looks:
        rows = rows_to_try(subject, looked)
        known = sorted({one for row in rows for one in subject.known_at(row)})
        for name, places in spoken(subject, looked.at(known)).items():
            answers[name] = answers.get(name, 0) + len(places)
        tried += len(rows) * len(alterations)
        found = [_violation(subject, looked, row, alterations) for row in rows]
        violations += [violation for violation in found if violation]
    first = min(violations, key=lambda violation: (violation.at, violation.where), default=None)
    return judged(check, first, answers, {"looks": tried, "violations": len(violations)})


def _violation(
    subject: Subject, looked: Look, row: int, alterations: Sequence[Alter]
) -> Violation | None:
    known = subject.known_at(row)
    expected = looked.at(known)
    for alter in alterations:
        found = subject.table(alter(looked.market.candles, row), known)
        if alter is _blank and _refuses(found) and not _refuses(expected):
            continue
        violation = first_violation(looked.market, known, expected, found)
        if violation is not None:
            return violation
    return None


def _refuses(table: Table) -> bool:
    return any(table[ERROR])


def _cut(candles: CandleSeries, row: int) -> CandleSeries:
    """A copy: in a view the later rows would lie just beyond its end."""
    return with_arrays(until(candles, row + 1), lambda column: column.copy())


def _noise(candles: CandleSeries, row: int) -> CandleSeries:
    """After the row: candles from anywhere in the series, of a market that is now far above."""
    random = np.random.default_rng([SEED, row])
    drawn = random.integers(0, len(candles), len(candles) - row - 1)
    factor = random.uniform(1.5, 3.0)
    return _after(candles, row, lambda column: column[drawn] * factor)


def _blank(candles: CandleSeries, row: int) -> CandleSeries:
    return _after(candles, row, lambda column: np.full(len(column) - row - 1, np.nan))


def _after(
    candles: CandleSeries, row: int, later: Callable[[NDArray[Any]], NDArray[Any]]
) -> CandleSeries:
    """A copy with other prices and volumes after the row; the times stay."""
    changed = with_arrays(candles, lambda column: column.copy())
    for name in PRICES_AND_VOLUME:
        column = getattr(changed, name)
        column[row + 1 :] = later(column)
        column.setflags(write=False)
    return changed
