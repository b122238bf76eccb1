"""Whether a strategy may be believed: no foresight, enough warm-up, the same again, in time.

`examine` is all that can be told without a second process and a clock; `determinism` and `runtime`
judge what those who have them bring (`manage.py check_strategy`).
"""

from collections.abc import Sequence

from trading.integrity.comparing import Look
from trading.integrity.look_ahead import scramble, truncation
from trading.integrity.looking import first_look, input_kept, look_at_markets, usable
from trading.integrity.repeats import Line, asked_again, determinism, transcript
from trading.integrity.runtime import Timing, measured, runtime
from trading.integrity.subjects import Columns, Decider, Subject, decider
from trading.integrity.verdicts import (
    QUESTIONS,
    Check,
    Status,
    Verdict,
    Violation,
    failed,
    from_json,
    overall,
    to_json,
)
from trading.integrity.warmup import warmup

__all__ = [
    "QUESTIONS",
    "Check",
    "Columns",
    "Decider",
    "Line",
    "Look",
    "Status",
    "Subject",
    "Timing",
    "Verdict",
    "Violation",
    "asked_again",
    "decider",
    "determinism",
    "examine",
    "failed",
    "first_look",
    "from_json",
    "look_at_markets",
    "measured",
    "overall",
    "runtime",
    "to_json",
    "transcript",
]


def examine(subject: Subject, looks: Sequence[Look]) -> list[Verdict]:
    """Every check but DETERMINISM and RUNTIME, of what was seen by `look_at_markets`."""
    return [
        input_kept(subject, looks),
        usable(subject, looks),
        truncation(subject, looks),
        scramble(subject, looks),
        warmup(subject, looks),
    ]
