"""The receipt of what is only supposed, in words."""

from collections.abc import Sequence
from dataclasses import dataclass

from apps.common import numbers
from apps.dashboard.gates_told import GatesTold
from apps.execution.services.by_hand import Receipt
from apps.risk.gate_lines import gate_line
from apps.risk.models import Decision
from apps.risk.sayings import of_receipt
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
class Supposed(GatesTold):
    decision: Decision
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


def supposed(receipt: Receipt) -> Supposed:
    decision = receipt.decision
    verdicts = [Verdict(*verdict) for verdict in decision.verdicts]
    sayings = of_receipt(decision)
    refusals = (verdict for verdict in verdicts if verdict.status == Status.REFUSED)
    return Supposed(
        decision=decision,
        gates=[gate_line(verdict, sayings) for verdict in verdicts],
        reasons=[sentence(verdict, sayings) for verdict in refusals],
    )
