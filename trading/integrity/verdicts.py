"""What a check answers: a verdict with its first violation and the numbers behind it."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any


class Check(StrEnum):
    INPUT = "input"
    USABLE = "usable"
    TRUNCATION = "truncation"
    SCRAMBLE = "scramble"
    WARMUP = "warmup"
    DETERMINISM = "determinism"
    RUNTIME = "runtime"


QUESTIONS: Mapping[Check, str] = {
    Check.INPUT: "Are the candles after a look what they were before it?",
    Check.USABLE: "Does it answer every time, with signals and columns that can be used?",
    Check.TRUNCATION: "Does it say the same of a candle when the series ends there?",
    Check.SCRAMBLE: "Does it say the same of a candle when all later ones are noise, or NaN?",
    Check.WARMUP: "Does it say the same with the declared warm-up as with a far longer history?",
    Check.DETERMINISM: "Does it say the same again: later, in another order, in another process?",
    Check.RUNTIME: "Is every look short enough to be taken between two candles?",
}


class Status(StrEnum):
    PASS = "pass"  # noqa: S105 (a verdict, not a secret)
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True, slots=True)
class Violation:
    """The first row that breaks the promise: `at` is the close time of its candle, `where` a
    column or a kind of signal, `market` the name of the data."""

    market: str
    at: datetime
    where: str
    expected: str
    found: str

    def __str__(self) -> str:
        return (
            f"{self.where} at {self.at:%Y-%m-%d %H:%M} ({self.market}): "
            f"{self.expected}, but {self.found}"
        )


@dataclass(frozen=True, slots=True)
class Verdict:
    """`reason` is for the author. `silent` are the kinds of signals, or the columns, that never
    had anything to say on the data tried: of these the check knows nothing."""

    check: Check
    status: Status
    reason: str
    violation: Violation | None = None
    silent: tuple[str, ...] = ()
    numbers: Mapping[str, float] = field(default_factory=dict)


def passed(check: Check, reason: str, numbers: Mapping[str, float]) -> Verdict:
    return Verdict(check, Status.PASS, reason, numbers=numbers)


def failed(
    check: Check,
    reason: str,
    violation: Violation | None = None,
    numbers: Mapping[str, float] | None = None,
) -> Verdict:
    return Verdict(check, Status.FAIL, reason, violation, numbers=numbers or {})


def inconclusive(
    check: Check, reason: str, silent: Iterable[str], numbers: Mapping[str, float]
) -> Verdict:
    return Verdict(check, Status.INCONCLUSIVE, reason, silent=tuple(silent), numbers=numbers)


def overall(verdicts: Iterable[Verdict]) -> Status:
    """The worst of them. A check that was not made is no pass."""
    by_check = {verdict.check: verdict.status for verdict in verdicts}
    if Status.FAIL in by_check.values():
        return Status.FAIL
    is_whole = all(by_check.get(check) is Status.PASS for check in Check)
    return Status.PASS if is_whole else Status.INCONCLUSIVE


def to_json(verdict: Verdict) -> dict[str, Any]:
    """Plain values, to be written down or handed to another process."""
    told = asdict(verdict)
    if verdict.violation is not None:
        told["violation"]["at"] = verdict.violation.at.isoformat()
    return told


def from_json(told: Mapping[str, Any]) -> Verdict:
    """The opposite of `to_json`."""
    violation = told["violation"]
    if violation is not None:
        violation = Violation(**{**violation, "at": datetime.fromisoformat(violation["at"])})
    return Verdict(
        Check(told["check"]),
        Status(told["status"]),
        told["reason"],
        violation,
        tuple(told["silent"]),
        told["numbers"],
    )


def moment(close_time: int) -> datetime:
    """The time of a candle from its seconds since the epoch."""
    return datetime.fromtimestamp(int(close_time), UTC)
