"""What kind of order was asked for, in words."""

from decimal import Decimal
from typing import Protocol

from apps.common import numbers
from trading.order_kinds import OrderType, TimeInForce
from trading.orders import OrderStatus

KINDS = {
    OrderType.MARKET: "market",
    OrderType.LIMIT: "limit",
    OrderType.STOP_MARKET: "stop",
    OrderType.STOP_LIMIT: "stop-limit",
    OrderType.TRAILING_STOP_MARKET: "trailing stop",
}
STATUSES = {
    OrderStatus.PENDING: "pending",
    OrderStatus.SUBMITTED: "submitted",
    OrderStatus.ACCEPTED: "accepted",
    OrderStatus.TRIGGERED: "triggered",
    OrderStatus.PARTIALLY_FILLED: "partly filled",
    OrderStatus.PENDING_CANCEL: "being cancelled",
    OrderStatus.PENDING_REPLACE: "being replaced",
    OrderStatus.FILLED: "filled",
    OrderStatus.CANCELED: "cancelled",
    OrderStatus.REPLACED: "replaced",
    OrderStatus.EXPIRED: "expired",
    OrderStatus.REJECTED: "rejected by the venue",
    OrderStatus.LOST: "lost: the venue does not know it",
}
# What lasts until it is canceled is the usual, and not said.
LASTS = {
    TimeInForce.IOC: "what there is at once",
    TimeInForce.FOK: "all at once or nothing",
    TimeInForce.DAY: "for the day",
}


class Asked(Protocol):
    """An order, or a signal whose entry will be one."""

    order_type: str
    time_in_force: str
    post_only: bool


def kind(asked: Asked) -> str:
    """`limit, for the day, post-only`"""
    parts = [
        KINDS[OrderType(asked.order_type)],
        LASTS.get(TimeInForce(asked.time_in_force), ""),
        "post-only" if asked.post_only else "",
    ]
    return ", ".join(part for part in parts if part)


def order_status(stored: str) -> str:
    """`partly filled`"""
    return STATUSES[OrderStatus(stored)]


def price_awaited(limit: Decimal | None, trigger: Decimal | None, places: int) -> str:
    """Which price it waits for."""
    if trigger is None:
        if limit is None:
            return "at the next price"
        return f"at {numbers.grouped(limit, places)} or better"
    reached = f"once it reaches {numbers.grouped(trigger, places)}"
    if limit is None:
        return reached
    return f"{reached}, at {numbers.grouped(limit, places)} or better"
