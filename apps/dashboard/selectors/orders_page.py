"""The list of one's orders, page by page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from apps.accounts.models import User
from apps.common.numbers import places_of
from apps.common.paging import after_cursor
from apps.dashboard.words import order_reason
from apps.execution.listing import orders
from apps.execution.models import Order

SHOWN = 50


@dataclass(frozen=True, slots=True)
class OrderLine:
    order: Order

    @property
    def price_places(self) -> int:
        return places_of(self.order.instrument.price_increment)

    @property
    def decided_at(self) -> datetime:
        """On the venue's clock, like every time on these pages: when it was decided to ask for it,
        or for the entry that it protects."""
        origin = self.order.exit or self.order.decision
        assert origin is not None  # order_has_one_origin
        decided: datetime = origin.decided_at
        return decided

    @property
    def ending(self) -> str:
        return order_reason(self.order.status, self.order.reason) if self.order.reason else ""


@dataclass(frozen=True, slots=True)
class OrdersPage:
    """`older` is the cursor of the next page; None on the last."""

    lines: Sequence[OrderLine]
    older: str | None


def orders_page(user: User, narrowing: Mapping[str, Any], cursor: int | None) -> OrdersPage:
    """Newest first; one query."""
    rows = orders(user, **narrowing).select_related(
        "instrument", "exit", "decision", "subscription__version__strategy"
    ).defer("decision__verdicts", "decision__settings")  # fmt: skip
    found, pagination = after_cursor(rows, per_page=SHOWN, cursor=cursor)
    older = pagination["next_cursor"]
    return OrdersPage([OrderLine(order) for order in found], None if older is None else str(older))
