"""The decision that is made when an approval comes, told as the first one is."""

from collections.abc import Sequence
from dataclasses import dataclass

from apps.dashboard.gates_told import GatesTold
from apps.dashboard.limit_words import LimitLine
from apps.dashboard.selectors.receipt_limits import Setting, limits_in_force, settings
from apps.risk.gate_lines import gate_line
from apps.risk.models import Decision
from apps.risk.refusals import verdicts_of
from apps.risk.sayings import of_receipt
from trading.gates.authors import cap


@dataclass(frozen=True, slots=True)
class Again(GatesTold):
    decision: Decision
    sized_down_by: str
    settings: Sequence[Setting]
    limits: Sequence[LimitLine]


def again(decision: Decision) -> Again:
    """Of one that an approval has kept."""
    sayings = of_receipt(decision)
    return Again(
        decision=decision,
        sized_down_by=cap(decision.sized_down_by),
        settings=settings(decision),
        limits=limits_in_force(decision),
        gates=[gate_line(verdict, sayings) for verdict in verdicts_of(decision)],
    )
