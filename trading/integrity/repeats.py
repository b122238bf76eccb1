"""Whether it says the same again. Of another process only the transcript comes here."""

from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import NamedTuple

from trading.integrity.comparing import Look, first_violation, spoken
from trading.integrity.look_ahead import rows_to_try
from trading.integrity.subjects import Subject, Table
from trading.integrity.verdicts import (
    Check,
    Verdict,
    Violation,
    failed,
    inconclusive,
    moment,
    passed,
)


class Line(NamedTuple):
    """One answer in words that are the same if and only if the answer is, to the last bit."""

    market: str
    close_time: int
    where: str
    said: str


NOTHING = "nothing"
SHOWN = 40  # letters of an answer


def transcript(subject: Subject, looks: Sequence[Look]) -> list[Line]:
    return [line for looked in looks for line in _lines(subject, looked)]


def asked_again(subject: Subject, looks: Sequence[Look]) -> Violation | None:
    """Once more in this process, about some rows of each market, from the last to the first: who
    remembers what it saw says something else."""
    for looked in reversed(looks):
        rows = rows_to_try(subject, looked)
        again = subject.table(looked.market.candles, rows[::-1])
        in_order: Table = {name: column[::-1] for name, column in again.items()}
        violation = first_violation(looked.market, rows, looked.at(rows), in_order)
        if violation is not None:
            return violation
    return None


def determinism(again: Violation | None, transcripts: Sequence[Sequence[Line]]) -> Verdict:
    """`transcripts` are of fresh processes with unlike hash seeds; one alone proves nothing."""
    numbers = {"processes": len(transcripts), "answers": sum(map(len, transcripts[:1]))}
    if again is not None:
        reason = f"Asked again in another order it says something else: {again}."
        return failed(Check.DETERMINISM, reason, again, numbers)
    for other in transcripts[1:]:
        difference = first_difference(transcripts[0], other)
        if difference is not None:
            reason = f"Another process says something else: {difference}."
            return failed(Check.DETERMINISM, reason, difference, numbers)
    if len(transcripts) > 1 and transcripts[0]:
        return passed(Check.DETERMINISM, "It says the same in every process.", numbers)
    why = "It said nothing." if transcripts else "No processes were compared."
    if len(transcripts) == 1:
        why = "It was asked in one process only."
    return inconclusive(Check.DETERMINISM, why, (), numbers)


def first_difference(first: Sequence[Line], other: Sequence[Line]) -> Violation | None:
    for line, beside in zip_longest(first, other):
        if line == beside:
            continue
        # Where one of them said nothing, the lines are one off: the earlier one is the difference.
        if line is None or beside is None or line[:3] != beside[:3]:
            known = [(one[:3], one, n) for n, one in enumerate((line, beside)) if one is not None]
            _, one, index = min(known, key=lambda item: item[0][1:])
            words = (one.said, NOTHING) if index == 0 else (NOTHING, one.said)
        else:
            one, words = line, _where_they_part(line.said, beside.said)
        return Violation(one.market, moment(one.close_time), one.where, *words)
    return None


def _where_they_part(one: str, other: str) -> tuple[str, str]:
    """Both from shortly before the first letter that differs: an answer in full may be long."""
    pairs = enumerate(zip(one, other, strict=False))
    first = next((at for at, (a, b) in pairs if a != b), min(len(one), len(other)))
    begin = max(0, first - SHOWN // 2)
    return one[begin : begin + SHOWN], other[begin : begin + SHOWN]


def _lines(subject: Subject, looked: Look) -> Iterator[Line]:
    times = looked.market.candles.close_times[looked.first :]
    answers = [
        (place, name) for name, places in spoken(subject, looked.table).items() for place in places
    ]
    for place, name in sorted(answers):
        value = looked.table[name][place]
        said = repr(value) if isinstance(value, tuple) else float(value).hex()
        yield Line(looked.market.name, int(times[place]), name, said)
