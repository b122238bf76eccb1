"""The catalogue: every question is asked, so a receipt holds every reason, and the first refusal in
this order is the decision's code. Exits use the same door with a shorter list.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from trading.gates import (
    capital,
    daily_loss,
    duplicate,
    exit_position,
    instrument,
    market_hours,
    max_positions,
    minimum,
    subscription,
    trading_state,
    warmup,
)
from trading.gates.codes import SKIPS, GateCode
from trading.gates.values import Intent, Limits, Outcome, Snapshot, Status, Verdict

Question = Callable[[Intent, Snapshot, Limits], Verdict]


class Gate(NamedTuple):
    """`number` is stored in receipts and is never given to another gate."""

    number: int
    title: str
    question: Question


ENTRY_GATES: tuple[Gate, ...] = (
    Gate(trading_state.NUMBER, "Trading state", trading_state.trading_is_active),
    Gate(subscription.NUMBER, "Subscription", subscription.subscription_is_active),
    Gate(instrument.NUMBER, "Instrument", instrument.instrument_is_allowed),
    Gate(market_hours.NUMBER, "Market hours", market_hours.market_is_open),
    Gate(warmup.NUMBER, "Warm-up", warmup.warmup_is_complete),
    Gate(capital.NUMBER, "Capital", capital.capital_is_available),
    Gate(max_positions.NUMBER, "Open positions", max_positions.position_is_within_maximum),
    Gate(daily_loss.NUMBER, "Daily loss", daily_loss.daily_loss_is_within_limit),
    Gate(minimum.NUMBER, "Minimum size", minimum.order_is_large_enough),
    Gate(duplicate.NUMBER, "Duplicate", duplicate.signal_is_new),
)
EXIT_GATES: tuple[Gate, ...] = (
    Gate(exit_position.NUMBER, "Position to close", exit_position.there_is_a_position_to_close),
)
TITLES = {gate.number: gate.title for gate in ENTRY_GATES + EXIT_GATES}

_ENTRY_QUESTIONS = tuple(gate.question for gate in ENTRY_GATES)
_EXIT_QUESTIONS = tuple(gate.question for gate in EXIT_GATES)


def judge(intent: Intent, snapshot: Snapshot, limits: Limits) -> tuple[Verdict, ...]:
    """Every gate's verdict, in catalogue order; exits are asked the exit list only."""
    questions = _ENTRY_QUESTIONS if intent.action.is_entry else _EXIT_QUESTIONS
    return tuple(question(intent, snapshot, limits) for question in questions)


def conclude(verdicts: Sequence[Verdict]) -> tuple[Outcome, str]:
    """The outcome and its code: that of the first refusal, or ORDERED and no code."""
    for verdict in verdicts:
        if verdict.status == Status.REFUSED:
            is_skip = GateCode(verdict.code) in SKIPS
            return (Outcome.SKIPPED if is_skip else Outcome.DENIED), verdict.code
    return Outcome.ORDERED, ""
