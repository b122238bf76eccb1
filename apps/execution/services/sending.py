"""The conversation with paper venues about orders. Each takes what its venue is said to take."""

from collections.abc import Iterator, Sequence

from apps.brokers.registry import broker_for
from apps.common.models import Mode
from apps.execution.rows import OrderRow
from apps.market.declared import refused_on_paper
from trading.orders import Leg, OrderReport, OrderTicket, OrderType


def send(orders: Sequence[OrderRow]) -> list[OrderReport]:
    """Place them; one report each."""
    return [
        report
        for refuses, tickets in _by_refusal(orders)
        for report in broker_for(Mode.PAPER, refuses=refuses).submit(tickets)
    ]


def ask_about(orders: Sequence[OrderRow]) -> list[OrderReport]:
    """What became of these, that were sent. What was not taken is told so, as it would have been
    then."""
    return [
        report
        for refuses, tickets in _by_refusal(orders)
        for report in broker_for(Mode.PAPER, on_its_book=tickets, refuses=refuses).orders(
            [ticket.client_order_id for ticket in tickets]
        )
    ]


def _by_refusal(
    orders: Sequence[OrderRow],
) -> Iterator[tuple[frozenset[OrderType], list[OrderTicket]]]:
    """The orders by what their venue does not take. Where it closes a short by force is its own
    doing, so it takes that always."""
    refused = refused_on_paper({order.instrument_id for order in orders})
    groups: dict[frozenset[OrderType], list[OrderTicket]] = {}
    for order in orders:
        is_its_own = order.leg == Leg.LIQUIDATION
        kinds = frozenset() if is_its_own else refused.get(order.instrument_id, frozenset())
        groups.setdefault(kinds, []).append(order.ticket())
    yield from groups.items()
