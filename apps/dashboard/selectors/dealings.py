"""What is asked of the venues for a user, and what they executed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from django.db import connection, transaction
from django.utils import timezone

from apps.accounts.models import User
from apps.common import db
from apps.events.selectors import last_sequences, unsealed
from apps.execution.listing import fills, orders

MOST_FILLS = 50
MOST_ORDERS = 500


class OpenOrder(NamedTuple):
    order: str
    account: int
    subscription: int
    instrument: int
    symbol: str
    mode: str
    leg: str
    side: str
    kind: str
    status: str
    quantity: Decimal
    filled_quantity: Decimal
    limit_price: Decimal | None
    trigger_price: Decimal | None
    time_in_force: str
    post_only: bool


class LatestFill(NamedTuple):
    order: str
    account: int
    subscription: int
    instrument: int
    mode: str
    leg: str
    side: str
    quantity: Decimal
    price: Decimal
    commission: Decimal
    at: datetime


@dataclass(frozen=True, slots=True)
class Dealings:
    """`sequence` and `included` are as in Snapshot. Newest first."""

    sequence: int
    included: Sequence[int]
    read_at: datetime
    orders: Sequence[OpenOrder]
    fills: Sequence[LatestFill]


@db.durable
def read_dealings(user: User) -> Dealings:
    """All of it as it was at one moment, the sequence too: no event can fall in between."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        return Dealings(
            sequence=last_sequences([user.pk]).get(user.pk, 0),
            included=unsealed(user),
            read_at=timezone.now(),
            orders=open_orders(user),
            fills=_latest_fills(user),
        )


def open_orders(user: User) -> list[OpenOrder]:
    """Whatever may still fill; one query."""
    rows = orders(user, status="open").order_by("-pk").values_list(
        "client_order_id", "account_id", "subscription_id", "instrument_id", "instrument__symbol",
        "mode", "leg", "side", "order_type", "status", "quantity", "filled_quantity",
        "limit_price", "trigger_price", "time_in_force", "post_only",
    )  # fmt: skip
    return [OpenOrder(*row) for row in rows[:MOST_ORDERS]]


def _latest_fills(user: User) -> list[LatestFill]:
    rows = fills(user).order_by("-pk").values_list(
        "order__client_order_id", "account_id", "subscription_id", "instrument_id", "mode",
        "order__leg", "side", "quantity", "price", "commission", "filled_at",
    )  # fmt: skip
    return [LatestFill(*row) for row in rows[:MOST_FILLS]]
