"""Why an order was written: the receipt it comes from, or what we closed a position for."""

from typing import Protocol

from apps.dashboard.selectors.trades import REASONS
from apps.execution.models import Exit
from trading.exits import ExitReason


class Written(Protocol):
    """An order: of its two origins one is None."""

    decision_id: int | None
    exit: Exit | None


def origin(order: Written) -> str:
    """Of an order without a receipt, in words: `Closed by hand, by alice@example.com`."""
    if order.exit is None:
        return ""
    words = REASONS[ExitReason(order.exit.cause)].capitalize()
    if order.exit.by and order.exit.cause == ExitReason.LIQUIDATION:
        return f"{words}, and asked for by {order.exit.by}"
    return f"{words}, by {order.exit.by}" if order.exit.by else words
