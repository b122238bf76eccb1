"""How long a look takes. The clock is handed in, from whoever may read one."""

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from typing import NamedTuple

from trading.integrity.comparing import Look
from trading.integrity.look_ahead import rows_to_try
from trading.integrity.subjects import Subject
from trading.integrity.verdicts import (
    Check,
    Verdict,
    Violation,
    failed,
    inconclusive,
    moment,
    passed,
)

LONGEST_LOOK = timedelta(milliseconds=50)
"""Of one `decide`, or of one call for columns. A strategy on a hundred instruments that needs as
long as this has looked at all of them in five seconds."""
REPEATS = 3
"""The shortest of so many looks at the same candles counts: the others were interrupted."""


class Timing(NamedTuple):
    market: str
    close_time: int
    seconds: float


def measured(
    subject: Subject, looks: Sequence[Look], clock: Callable[[], float]
) -> Iterator[Timing]:
    """Times of looks at rows of every market; `clock` gives seconds from any beginning."""
    for looked in looks:
        candles = looked.market.candles
        for row in rows_to_try(subject, looked):
            shortest = min(_seconds(subject, looked, row, clock) for _ in range(REPEATS))
            yield Timing(looked.market.name, int(candles.close_times[row]), shortest)


def runtime(timings: Sequence[Timing]) -> Verdict:
    limit = LONGEST_LOOK.total_seconds()
    if not timings:
        return inconclusive(Check.RUNTIME, "Nothing was measured.", (), {"limit_seconds": limit})
    worst = max(timings, key=lambda timing: timing.seconds)
    numbers = {"looks": len(timings), "worst_seconds": worst.seconds, "limit_seconds": limit}
    words = f"The longest look took {worst.seconds * 1000:.3g} ms of {limit * 1000:.3g} ms."
    if worst.seconds <= limit:
        return passed(Check.RUNTIME, words, numbers)
    slow = next(timing for timing in timings if timing.seconds > limit)
    violation = Violation(
        slow.market,
        moment(slow.close_time),
        "seconds",
        f"at most {limit:g}",
        f"{slow.seconds:.3g}",
    )
    return failed(Check.RUNTIME, words, violation, numbers)


def _seconds(subject: Subject, looked: Look, row: int, clock: Callable[[], float]) -> float:
    began = clock()
    subject.table(looked.market.candles, (row,))
    return clock() - began
