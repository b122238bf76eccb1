"""What followed from one decision: its orders, their fills, and what became of the position."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Q

from apps.accounts.models import User
from apps.dashboard.order_words import order_status
from apps.dashboard.words import order_reason
from apps.execution.models import Fill, Order, OrderEvent, Position, Trade
from apps.risk.models import Decision
from trading.signals import Action


@dataclass(frozen=True, slots=True)
class Followed:
    """An order of the decision. `life` are its statuses in words, `ending` why it ended early."""

    order: Order
    price: Decimal | None
    life: str
    ending: str
    fills: Sequence[Fill]


def followed(user: User, orders: Sequence[Order]) -> list[Followed]:
    """Each with its life and its fills; two queries."""
    fills = list(Fill.objects.of(user).filter(order__in=orders).order_by("id"))
    steps = list(OrderEvent.objects.filter(order__in=orders).order_by("id"))
    return [
        _followed(
            order,
            [step for step in steps if step.order_id == order.pk],
            [fill for fill in fills if fill.order_id == order.pk],
        )
        for order in orders
    ]


def _followed(order: Order, steps: Sequence[OrderEvent], fills: Sequence[Fill]) -> Followed:
    statuses = [step.old_status for step in steps[:1]]
    # An amendment leaves the status.
    statuses += [step.new_status for step in steps if step.new_status != step.old_status]
    return Followed(
        order=order,
        price=order.trigger_price if order.trigger_price is not None else order.limit_price,
        life=" → ".join(order_status(status) for status in statuses or [order.status]),
        ending=order_reason(order.status, order.reason) if order.reason else "",
        fills=fills,
    )


def position(user: User, decision: Decision, began_at: datetime | None) -> Position | None:
    if began_at is None or not Action(decision.action).is_entry:
        return None
    positions = Position.objects.of(user).filter(
        subscription=decision.subscription_id,
        instrument=decision.instrument_id,
        opened_at=began_at,
    )
    found: Position | None = positions.exclude(quantity=0).first()
    return found


def trade(user: User, decision: Decision, began_at: datetime | None) -> Trade | None:
    if began_at is None:
        return None
    is_entry = Action(decision.action).is_entry
    trades = Trade.objects.of(user).filter(
        Q(opened_at=began_at) if is_entry else Q(closed_at=began_at),
        position__subscription=decision.subscription_id,
        position__instrument=decision.instrument_id,
    )
    # Closed and opened again in one candle: an exit ended the earlier, an entry began the later.
    found: Trade | None = trades.order_by("-sequence" if is_entry else "sequence").first()
    return found
