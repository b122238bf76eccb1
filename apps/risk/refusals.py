"""The refusal that decided a receipt, in words, with when it clears."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from apps.market.sessions import opens_at
from apps.risk.models import Decision
from apps.risk.sayings import in_currency, of_receipt
from trading.gates import capital_guard
from trading.gates.bounds import Bounds
from trading.gates.clearing import clears, clears_at
from trading.gates.codes import GateCode
from trading.gates.dead_zones import is_deadlocked, needed
from trading.gates.sentences import sentence
from trading.gates.severities import SEVERITIES, Severity
from trading.gates.triggers import severity_of
from trading.gates.values import Status, Verdict, text


@dataclass(frozen=True, slots=True)
class Refusal:
    """`clears_at` is None where no clock decides; on the venue's clock."""

    gate: int
    code: str
    severity: Severity
    sentence: str
    clears: str
    clears_at: datetime | None


def verdicts_of(decision: Decision) -> list[Verdict]:
    return [Verdict(*verdict) for verdict in decision.verdicts]


def severity(decision: Decision) -> Severity:
    """That of its gravest refusal."""
    return severity_of(_refused(decision))


def refusal_of(decision: Decision) -> Refusal | None:
    """None where nothing was refused. Of several the one whose code the decision carries."""
    found = list(refusals(decision))
    own = (item for item in found if item.code == decision.code)
    return next(own, None)


def refusals(decision: Decision) -> Iterator[Refusal]:
    """In the order of the catalogue."""
    sayings = of_receipt(decision)
    for verdict in _refused(decision):
        yield Refusal(
            gate=verdict.gate,
            code=verdict.code,
            severity=SEVERITIES[GateCode(verdict.code)],
            sentence=sentence(verdict, sayings),
            clears=clears(verdict),
            clears_at=_clears_at(verdict, decision),
        )


def deadlock(bounds: Bounds, equity: Decimal | None, currency: str) -> str:
    """Why no order at all is possible with this capital, and what it would take; empty where one
    is, and where nobody knows: no equity, or none that is above 0."""
    if equity is None or equity <= 0 or not is_deadlocked(bounds, equity):
        return ""
    code, capital = GateCode.TIER_DEADLOCK.value, text(equity)
    refusal = Verdict(capital_guard.NUMBER, Status.REFUSED, code, capital, needed(bounds))
    return sentence(refusal, in_currency(currency))


def _refused(decision: Decision) -> list[Verdict]:
    """Without making a verdict of each that passed: a list of receipts has thousands."""
    refused = Status.REFUSED.value
    return [Verdict(*stored) for stored in decision.verdicts if stored[1] == refused]


def _clears_at(verdict: Verdict, decision: Decision) -> datetime | None:
    if verdict.code == GateCode.MARKET_CLOSED:
        return opens_at(decision.instrument.calendar, decision.decided_at)
    return clears_at(verdict, decision.decided_at)
