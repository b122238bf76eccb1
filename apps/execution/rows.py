"""Rows read and written by the thousand, as plain tuples."""

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import Q, QuerySet

from apps.execution.models import Order
from trading.money import ZERO
from trading.orders import OrderStatus, OrderTicket, OrderType, TimeInForce
from trading.signals import OffsetType, Side


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
    time_in_force: str
    expire_time: datetime | None
    post_only: bool
    quantity: Decimal
    limit_price: Decimal | None
    trigger_price: Decimal | None
    trailing_offset: Decimal | None
    trailing_offset_type: str
    stop_price: Decimal | None
    stop_limit_price: Decimal | None
    stop_trailing_offset: Decimal | None
    stop_trailing_offset_type: str
    target_price: Decimal | None
    reduce_only: bool
    held_by_us: bool
    oco_group: str
    status: str
    filled_quantity: Decimal
    active_from: datetime
    ladder: dict[str, Any] | None = None

    def named(self) -> dict[str, object]:
        """Which order it is, for what is told of it."""
        return {
            "order": self.client_order_id,
            "account": self.account_id,
            "subscription": self.subscription_id,
            "instrument": self.instrument_id,
            "mode": self.mode,
        }

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
            time_in_force=TimeInForce(self.time_in_force),
            expire_time=self.expire_time,
            post_only=self.post_only,
            trailing_offset=self.trailing_offset,
            trailing_offset_type=OffsetType(self.trailing_offset_type or OffsetType.PRICE),
            filled=self.filled_quantity,
            # What is left of a stop that has traded waits for its trigger no more.
            is_triggered=self.status == OrderStatus.TRIGGERED or self.filled_quantity > 0,
            active_from=self.active_from,
        )


def new_order(**columns: Any) -> OrderRow:
    """An order that is PENDING, good till canceled; prices that are not given are empty."""
    empty: dict[str, Any] = {
        "id": 0, "decision_id": None, "exit_id": None,
        "time_in_force": TimeInForce.GTC.value, "expire_time": None, "post_only": False,
        "limit_price": None, "trigger_price": None,
        "trailing_offset": None, "trailing_offset_type": "",
        "stop_price": None, "stop_limit_price": None, "target_price": None,
        "stop_trailing_offset": None, "stop_trailing_offset_type": "", "oco_group": "",
        "held_by_us": False,
        "status": OrderStatus.PENDING.value, "filled_quantity": ZERO,
    }  # fmt: skip
    return OrderRow(**{**empty, **columns})


def read_orders(*tests: Q, **conditions: Any) -> list[OrderRow]:
    """Orders by id, locked, as tuples."""
    return _rows(Order.objects.filter(*tests, **conditions).select_for_update())


def read_free_orders(*tests: Q, **conditions: Any) -> list[OrderRow]:
    """The same of those that nobody else has locked, without waiting."""
    free = Order.objects.filter(*tests, **conditions).select_for_update(skip_locked=True)
    return _rows(free)


def _rows(orders: QuerySet[Order]) -> list[OrderRow]:
    return [OrderRow(*row) for row in orders.order_by("id").values_list(*OrderRow._fields)]


def copied(orders: Iterable[OrderRow], fresh_ids: Iterator[int]) -> Iterator[tuple[Any, ...]]:
    """Rows for COPY: an id for those that have none, and the text columns that start empty."""
    for order in orders:
        ladder = None if order.ladder is None else json.dumps(order.ladder)
        yield (order.id or next(fresh_ids), *order[1:-1], ladder, "", "")


COPIED_COLUMNS = (*OrderRow._fields, "venue_order_id", "reason")
