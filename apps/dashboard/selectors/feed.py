"""The latest decisions, each as a sentence."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import F, OuterRef, Q, Subquery, Sum

from apps.accounts.models import User
from apps.common.numbers import places_of
from apps.dashboard.selectors.books import Book
from apps.dashboard.words import Told, sentence
from apps.execution.models import Fill, Order
from apps.risk.models import Decision
from trading.gates.codes import GateCode
from trading.gates.values import Outcome, Verdict
from trading.orders import Leg, OrderStatus
from trading.signals import Action

SHOWN = 20
SHOWN_WITH_SKIPPED = 40


@dataclass(frozen=True, slots=True)
class Line:
    id: int
    mode: str
    outcome: Outcome
    is_filled: bool
    text: str
    decided_at: datetime

    @property
    def tone(self) -> str:
        """`done` money has moved, `waiting`, `denied` or `muted`."""
        if self.outcome in {Outcome.ORDERED, Outcome.DEFERRED}:
            return "done" if self.is_filled else "waiting"
        return "muted" if self.outcome is Outcome.SKIPPED else "denied"


def decision_feed(user: User, book: Book, *, with_skipped: bool) -> list[Line]:
    """Newest first; one query. SKIPPED (there was nothing to do) only on request, but for what a
    subscription would have entered that only watches."""
    rows = Decision.objects.of(user).filter(account_id__in=book.account_ids)
    if not with_skipped:
        rows = rows.exclude(~Q(code=GateCode.WATCH_ONLY), outcome=Outcome.SKIPPED)
    count = SHOWN_WITH_SKIPPED if with_skipped else SHOWN
    return [_line(row) for row in with_order(rows).order_by("-id")[:count]]


def with_order(decisions: Any) -> Any:
    """Decisions as dicts, with what became of the order of each."""
    order = Order.objects.filter(decision=OuterRef("pk"), leg__in=[Leg.ENTRY, Leg.EXIT])
    fills = Fill.objects.filter(
        order__decision=OuterRef("pk"), order__leg__in=[Leg.ENTRY, Leg.EXIT]
    )
    filled = fills.order_by().values("order__decision")
    return decisions.annotate(
        order_status=Subquery(order.values("status")[:1]),
        order_reason=Subquery(order.values("reason")[:1]),
        limit_price=Subquery(order.values("limit_price")[:1]),
        trigger_price=Subquery(order.values("trigger_price")[:1]),
        filled_quantity=Subquery(filled.annotate(sum=Sum("quantity")).values("sum")),
        filled_value=Subquery(filled.annotate(sum=Sum(F("quantity") * F("price"))).values("sum")),
    ).values(
        "id", "mode", "action", "outcome", "code", "quantity", "verdicts", "decided_at",
        "account__currency", "instrument__symbol", "instrument__quote",
        "instrument__price_increment",
        "subscription__version__strategy__name",
        "order_status", "order_reason", "limit_price", "trigger_price",
        "filled_quantity", "filled_value", "approval__answer", "approval__code",
    )  # fmt: skip


def told(row: Mapping[str, Any]) -> Told:
    """What the sentence needs, of a row of `with_order`."""
    filled: Decimal | None = row["filled_quantity"]
    return Told(
        action=Action(row["action"]),
        outcome=Outcome(row["outcome"]),
        code=row["code"],
        symbol=row["instrument__symbol"],
        currency=row["account__currency"],
        quote=row["instrument__quote"],
        price_places=places_of(row["instrument__price_increment"]),
        strategy=row["subscription__version__strategy__name"],
        quantity=row["quantity"],
        verdicts=[Verdict(*verdict) for verdict in row["verdicts"]],
        order_status=OrderStatus(row["order_status"]) if row["order_status"] else None,
        order_reason=row["order_reason"] or "",
        filled_quantity=filled,
        filled_price=row["filled_value"] / filled if filled else None,
        limit_price=row["limit_price"],
        trigger_price=row["trigger_price"],
        approval=row["approval__answer"] or "",
        approval_code=row["approval__code"] or "",
    )


def _line(row: Mapping[str, Any]) -> Line:
    return Line(
        id=row["id"],
        mode=row["mode"],
        outcome=Outcome(row["outcome"]),
        is_filled=row["filled_quantity"] is not None,
        text=sentence(told(row)),
        decided_at=row["decided_at"],
    )
