"""Receipts as lines: each with its sentence, its orders and how long it took."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from apps.accounts.models import User
from apps.dashboard.selectors.feed import told, with_order
from apps.dashboard.selectors.latency import Latency, latency
from apps.dashboard.words import OUTCOMES, sentence
from apps.execution.approvals import answers_of
from apps.execution.models import Approval, Order
from apps.risk.models import Decision
from apps.risk.refusals import Refusal, refusal_of, severity
from trading.gates.severities import Severity
from trading.gates.values import Outcome


@dataclass(frozen=True)
class ReceiptLine:
    """`sentence` says what became of it, as everywhere."""

    decision: Decision
    sentence: str
    orders: Sequence[Order]
    approval: Approval | None = None  # where its owner was asked

    @property
    def again(self) -> Decision | None:
        """As it was decided again when it was approved; None where it was not."""
        return None if self.approval is None else self.approval.again()

    @cached_property
    def refusal(self) -> Refusal | None:
        return refusal_of(self.decision)

    @property
    def outcome(self) -> str:
        return OUTCOMES[Outcome(self.decision.outcome)]

    @property
    def severity(self) -> Severity:
        return severity(self.decision)

    @property
    def latency(self) -> Latency:
        return latency(self.decision, self.orders)


def receipt_lines(user: User, decisions: Sequence[Decision]) -> list[ReceiptLine]:
    """In the order of the decisions, which come from `risk.selectors.decisions`; two queries, or
    three where a receipt was left to its owner."""
    ids = [decision.pk for decision in decisions]
    rows: Any = with_order(Decision.objects.of(user).filter(pk__in=ids))
    sentences = {row["id"]: sentence(told(row)) for row in rows}
    orders = Order.objects.of(user).filter(decision__in=ids).order_by("id")
    of_decision: dict[int | None, list[Order]] = {}
    for order in orders:
        of_decision.setdefault(order.decision_id, []).append(order)
    answers = answers_of(user, decisions)
    return [
        ReceiptLine(each, sentences[each.pk], of_decision.get(each.pk, []), answers.get(each.pk))
        for each in decisions
    ]
