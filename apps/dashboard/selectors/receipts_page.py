"""The list of one's receipts, page by page and as a file."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from apps.accounts.models import User
from apps.common.paging import after_cursor
from apps.dashboard.selectors.latency import Latency
from apps.dashboard.selectors.receipt_lines import ReceiptLine, receipt_lines
from apps.risk.selectors import decisions
from trading.gates.values import text
from trading.performance.telling import csv_text

SHOWN = 50
MOST_IN_A_FILE = 2_000
HEAD = (
    "decision", "decided_at", "created_at", "mode", "outcome", "code", "severity", "sentence",
    "clears", "clears_at", "action", "venue", "symbol", "strategy", "version", "subscription",
    "source", "quantity", "reference_price", "sized_down_by", "orders", "latency_since",
    "decided_seconds", "submitted_seconds", "approval", "approval_outcome", "approval_code",
    "approval_quantity", "approval_price", "approval_sized_down_by",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ReceiptsPage:
    """`older` is the cursor of the next page; None on the last."""

    lines: Sequence[ReceiptLine]
    older: str | None


def receipts_page(user: User, narrowing: Mapping[str, Any], cursor: int | None) -> ReceiptsPage:
    """Newest first; four queries."""
    rows = decisions(user, **narrowing)
    found, pagination = after_cursor(rows, per_page=SHOWN, cursor=cursor)
    next_cursor = pagination["next_cursor"]
    return ReceiptsPage(
        receipt_lines(user, found), None if next_cursor is None else str(next_cursor)
    )


def receipts_csv(user: User, narrowing: Mapping[str, Any]) -> str:
    """The newest of them, at most `MOST_IN_A_FILE`; four queries."""
    rows = decisions(user, **narrowing).order_by("-pk")[:MOST_IN_A_FILE]
    lines = receipt_lines(user, list(rows))
    return csv_text(HEAD, (tuple(_columns(line)) for line in lines))


def _columns(line: ReceiptLine) -> Iterator[object]:
    decision, refusal = line.decision, line.refusal
    signal, instrument = decision.signal, decision.instrument
    yield from (decision.pk, decision.decided_at, decision.created_at, decision.mode)
    yield from (decision.outcome, decision.code, line.severity.name, line.sentence)
    yield from (refusal.clears, refusal.clears_at) if refusal else ("", None)
    yield from (decision.action, instrument.venue_id, instrument.symbol)
    yield from (signal.version.strategy.code, signal.version.number, decision.subscription_id)
    yield from (signal.source, text(decision.quantity), text(decision.reference_price))
    yield from (decision.sized_down_by, " ".join(order.client_order_id for order in line.orders))
    yield from _seconds(line.latency)
    yield from _approval(line)


def _approval(line: ReceiptLine) -> tuple[object, ...]:
    """How its owner answered, and what was decided then; empty where there was nothing to ask."""
    answer, again = "" if line.approval is None else line.approval.answer, line.again
    if again is None:
        return (answer, "", "", "", "", "")
    price = again.reference_price
    return (
        answer, again.outcome, again.code, text(again.quantity),
        "" if price is None else text(price), again.sized_down_by,
    )  # fmt: skip


def _seconds(latency: Latency) -> tuple[object, ...]:
    left = latency.submitted
    return (
        latency.since.value,
        latency.decided.total_seconds(),
        None if left is None else left.total_seconds(),
    )
