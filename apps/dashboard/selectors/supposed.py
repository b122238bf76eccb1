"""The receipt of what is only supposed, in words."""

from collections.abc import Sequence
from dataclasses import dataclass

from apps.dashboard import numbers
from apps.dashboard.words import GateLine, gate_line
from apps.execution.services.by_hand import Receipt
from apps.risk.models import Decision
from trading.gates.sentences import sentence
from trading.gates.values import Outcome, Status, Verdict
from trading.signals import Action

WOULD = {
    Action.ENTER_LONG: "Buy {}",
    Action.EXIT_LONG: "Sell {}, which you hold",
    Action.ENTER_SHORT: "Sell {} short",
    Action.EXIT_SHORT: "Buy back {}",
}
ENDS = {
    Outcome.ORDERED: "it would be ordered",
    Outcome.DENIED: "it would be denied",
    Outcome.SKIPPED: "nothing would be done",
    Outcome.DEFERRED: "it would wait for your word",
}


@dataclass(frozen=True, slots=True)
class SupposedGate:
    """`set_by` is who set the limit, where several could have."""

    line: GateLine
    set_by: str


@dataclass(frozen=True, slots=True)
class Supposed:
    decision: Decision
    gates: Sequence[SupposedGate]
    reasons: Sequence[str]  # of every refusal, the one that decides first

    @property
    def headline(self) -> str:
        decision = self.decision
        what = f"{numbers.quantity(decision.quantity)} {decision.instrument.symbol}"
        does = WOULD[Action(decision.action)].format(what)
        return f"{does}: {ENDS[Outcome(decision.outcome)]}"

    @property
    def price_places(self) -> int:
        return numbers.places_of(self.decision.instrument.price_increment)

    @property
    def refused(self) -> int:
        return sum(1 for gate in self.gates if gate.line.status is Status.REFUSED)


def supposed(receipt: Receipt) -> Supposed:
    decision = receipt.decision
    verdicts = [Verdict(*verdict) for verdict in decision.verdicts]
    unit = decision.instrument.quote
    return Supposed(
        decision,
        [SupposedGate(gate_line(verdict, unit), _who(verdict)) for verdict in verdicts],
        [sentence(verdict) for verdict in verdicts if verdict.status == Status.REFUSED],
    )


def _who(verdict: Verdict) -> str:
    """`SHARE:tier` is a cap and who set it."""
    return verdict.source.lower().replace("_", " ").replace(":", ", ")
