"""Rows read and written by the thousand, as plain tuples."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from apps.execution.models import Order
from trading.money import ZERO
from trading.orders import OrderStatus, OrderTicket, OrderType
from trading.signals import Side


class OrderRow(NamedTuple):
    """The columns of an order, in the order in which they are copied. `id` 0 = not written yet."""

    id: int
    user_id: int
    account_id: int
    subscription_id: int
    instrument_id: int
    decision_id: int | None
    exit_id: int | None
    leg: str
    mode: str
    client_order_id: str
    side: str
    order_type: str
    quantity: Decimal
    limit_price: Decimal | None
    trigger_price: Decimal | None
    stop_price: Decimal | None
    target_price: Decimal | None
    reduce_only: bool
    oco_group: str
    status: str
    filled_quantity: Decimal
    active_from: datetime

    def ticket(self) -> OrderTicket:
        return OrderTicket(
            client_order_id=self.client_order_id,
            account=self.account_id,
            position=self.subscription_id,
            side=Side(self.side),
            order_type=OrderType(self.order_type),
            quantity=self.quantity - self.filled_quantity,
            limit_price=self.limit_price,
            trigger_price=self.trigger_price,
            reduce_only=self.reduce_only,
            oco_group=self.oco_group,
        )


def new_order(**columns: Any) -> OrderRow:
    """An order that is PENDING; prices that are not given are empty."""
    empty: dict[str, Any] = {
        "id": 0, "decision_id": None, "exit_id": None, "limit_price": None, "trigger_price": None,
        "stop_price": None, "target_price": None, "oco_group": "",
        "status": OrderStatus.PENDING.value, "filled_quantity": ZERO,
    }  # fmt: skip
    return OrderRow(**{**empty, **columns})


def read_orders(**conditions: Any) -> list[OrderRow]:
    """Orders by id, locked, as tuples."""
    orders = Order.objects.filter(**conditions).order_by("id").select_for_update()
    return [OrderRow(*row) for row in orders.values_list(*OrderRow._fields)]


def copied(orders: Iterable[OrderRow], fresh_ids: Iterator[int]) -> Iterator[tuple[Any, ...]]:
    """Rows for COPY: an id for those that have none, and the text columns that start empty."""
    for order in orders:
        yield (order.id or next(fresh_ids), *order[1:], "", "")


COPIED_COLUMNS = (*OrderRow._fields, "venue_order_id", "reason")
