"""What becomes of an entry that every gate allowed, by its subscription's execution mode; and the
second decision on one that its owner has approved. Pure.

    watch      nothing: the receipt says what would have been ordered
    approve    it waits for its owner, for a while
    automatic  it is ordered

Exits leave in every mode.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from trading.decisions import Answer, Asked, Question, decide
from trading.gates.bounds import Bound, Bounds, Source, bounds_of
from trading.gates.codes import DEFERS, GateCode
from trading.gates.execution_mode import ExecutionMode, entry_is_left_to_us
from trading.gates.price_drift import NUMBER as PRICE_DRIFT
from trading.gates.sources import PLATFORM_DEFAULTS
from trading.gates.values import Outcome, Verdict, refused
from trading.signals import Action, Direction


def held_back(answer: Answer, action: Action, mode: ExecutionMode) -> Answer:
    """The answer as it stands in this mode. Its size stays: what would have been ordered."""
    if answer.outcome is not Outcome.ORDERED or not action.is_entry:
        return answer
    verdict = entry_is_left_to_us(mode)
    if verdict is None:
        return answer
    outcome = Outcome.DEFERRED if GateCode(verdict.code) in DEFERS else Outcome.SKIPPED
    return _with(answer, outcome, verdict)


@dataclass(frozen=True, slots=True)
class Moment:
    """What it is like when an approval comes. `price` (the last one, None = not known) is
    `candle_age` candles old; the signal is `signal_age` old, and may be acted upon for `lasts`.
    """

    now: datetime
    price: Decimal | None
    candle_age: Decimal | None
    signal_age: timedelta
    lasts: timedelta

    @property
    def known_price(self) -> Decimal | None:
        is_usable = self.price is not None and self.price.is_finite() and self.price > 0
        return self.price if is_usable else None


class Again(NamedTuple):
    """A second answer, and the question as it was put then: the limits in force are its own."""

    question: Question
    answer: Answer


def decide_again(question: Question, moment: Moment, *, approved: Decimal) -> Again:
    """The decision on an entry that has waited. Never more than was `approved`, and less where the
    facts or the distance to the stop leave less. Without a price it refuses.

    The operator's bound on a signal's age is for signals that nobody was asked about: how long an
    approval lasts stands in its place. A stricter one of anybody else stays.
    """
    fresh = _as_of(moment, question)
    answer = decide(fresh)
    if answer.intent.quantity > approved:
        # What was approved is halved already, after a week of losses.
        bounds = replace(fresh.limits.bounds, weekly_loss_halves=None)
        limits = replace(fresh.limits, bounds=bounds)
        answer = decide(replace(fresh, wanted=approved, limits=limits))
    price = moment.known_price
    passed_by = None if price is None else _passed(fresh, price)
    if passed_by is not None and answer.outcome is Outcome.ORDERED:
        answer = _with(answer, Outcome.DENIED, passed_by)
    return Again(fresh, answer)


def _as_of(moment: Moment, question: Question) -> Question:
    asked, risk, limits = question.asked, question.snapshot.risk, question.limits
    price = moment.known_price
    market = replace(
        risk.market,
        now=moment.now,
        signal_age=Decimal(int(moment.signal_age.total_seconds())),
        signal_price=asked.price,
        price_now=price,
        reference_price=price,
        candle_age=moment.candle_age,
    )
    return replace(
        question,
        asked=asked if price is None else asked._replace(price=price),
        snapshot=replace(question.snapshot, risk=replace(risk, market=market)),
        limits=replace(limits, bounds=_bounds(limits.bounds, moment.lasts)),
    )


def _bounds(bounds: Bounds, lasts: timedelta) -> Bounds:
    """With what an approval is always held against."""
    own = bounds_of(Source.PLATFORM, signal_age=int(lasts.total_seconds()))
    age: Bound | None = bounds.signal_age
    is_the_operators = age is None or age.source == Source.PLATFORM
    return replace(
        bounds,
        signal_age=own.signal_age if is_the_operators else age,
        drift=bounds.drift or PLATFORM_DEFAULTS.drift,
        candle_age=bounds.candle_age or PLATFORM_DEFAULTS.candle_age,
    )


def _passed(question: Question, price: Decimal) -> Verdict | None:
    """Entered now it would be left at once: its stop or its target has been passed."""
    asked, then = question.asked, question.snapshot.risk.market.signal_price
    if not isinstance(then, Decimal):
        return None
    is_long = asked.action.direction is Direction.LONG
    favour, entered = (1 if is_long else -1), _entered_at(asked, price)
    for level, side in ((asked.stop_price, favour), (asked.target_price, -favour)):
        if level is not None and (entered - level) * side <= 0:
            moved, most = abs(entered - then), abs(level - then)
            return refused(PRICE_DRIFT, GateCode.PRICE_DRIFTED, moved, most)
    return None


def _entered_at(asked: Asked, price: Decimal) -> Decimal:
    """Where it is entered from here: what has passed the trigger it waited for is at market."""
    plan, direction = asked.entry_plan, asked.action.direction
    expected = plan.expected_price(price, direction)
    if plan.trigger_price is None:
        return expected
    return max(expected, price) if direction is Direction.LONG else min(expected, price)


def _with(answer: Answer, outcome: Outcome, verdict: Verdict) -> Answer:
    kept = tuple(item for item in answer.verdicts if item.gate != verdict.gate)
    return replace(answer, outcome=outcome, code=verdict.code, verdicts=(*kept, verdict))
