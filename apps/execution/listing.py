"""A user's orders, fills and round trips, to be paged through."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from apps.execution.models import Fill, Order, Position, Trade
from trading.orders import OPEN


def orders(
    user: Any,
    *,
    status: str = "",
    symbol: str = "",
    subscription: int | None = None,
    decision: int | None = None,
) -> QuerySet[Order]:
    """`status` may be `open`: whatever may still fill."""
    rows: QuerySet[Order] = Order.objects.of(user)
    if status:
        rows = rows.filter(status__in=sorted(OPEN) if status == "open" else [status])
    if symbol:
        rows = rows.filter(instrument__symbol=symbol)
    if subscription is not None:
        rows = rows.filter(subscription_id=subscription)
    if decision is not None:
        rows = rows.filter(decision_id=decision)
    return rows.select_related("instrument")


def fills(
    user: Any, *, symbol: str = "", subscription: int | None = None, order: str = ""
) -> QuerySet[Fill]:
    rows: QuerySet[Fill] = Fill.objects.of(user)
    if symbol:
        rows = rows.filter(instrument__symbol=symbol)
    if subscription is not None:
        rows = rows.filter(subscription_id=subscription)
    if order:
        rows = rows.filter(order__client_order_id=order)
    return rows.select_related("instrument", "order")


def round_trips(
    user: Any,
    *,
    symbol: str = "",
    broker: str = "",
    start: datetime | None = None,
    end: datetime | None = None,
) -> QuerySet[Trade]:
    """Closed in [start, end], latest first."""
    rows: QuerySet[Trade] = Trade.objects.of(user)
    if symbol:
        rows = rows.filter(instrument__symbol=symbol)
    if broker:
        rows = rows.filter(account__venue__name=broker)
    if start is not None:
        rows = rows.filter(closed_at__gte=start)
    if end is not None:
        rows = rows.filter(closed_at__lte=end)
    return rows.order_by("-closed_at", "-pk").select_related("instrument", "account__venue")


def round_trips_begun(
    user: Any,
    *,
    symbol: str = "",
    broker: str = "",
    start: datetime | None = None,
    end: datetime | None = None,
) -> QuerySet[Position]:
    """Those that are not closed yet, begun in [start, end], latest first."""
    rows: QuerySet[Position] = Position.objects.of(user).exclude(quantity=0)
    if symbol:
        rows = rows.filter(instrument__symbol=symbol)
    if broker:
        rows = rows.filter(account__venue__name=broker)
    if start is not None:
        rows = rows.filter(opened_at__gte=start)
    if end is not None:
        rows = rows.filter(opened_at__lte=end)
    return rows.order_by("-opened_at", "-pk").select_related("instrument", "account__venue")
