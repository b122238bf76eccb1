"""Which orders began and ended the round trips of a position."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from apps.execution.models import Fill, Order, Position, Trade
from trading.orders import Leg


@dataclass(frozen=True, slots=True)
class Ends:
    """The first entry and the last exit of each moment at which one was filled."""

    entries: Mapping[datetime, Order]
    exits: Mapping[datetime, Order]

    def entry(self, opened_at: datetime | None) -> Order | None:
        return None if opened_at is None else self.entries.get(opened_at)

    def exit(self, closed_at: datetime) -> Order | None:
        return self.exits.get(closed_at)


def ends(fills: QuerySet[Fill], position: Position, trades: Iterable[Trade]) -> Ends:
    """Of the fills of the position's orders; one query."""
    moments = {moment for trade in trades for moment in (trade.opened_at, trade.closed_at)}
    if position.opened_at is not None:
        moments.add(position.opened_at)
    entries: dict[datetime, Order] = {}
    exits: dict[datetime, Order] = {}
    for fill in fills.filter(filled_at__in=moments).order_by("id") if moments else ():
        if fill.order.leg == Leg.ENTRY:
            entries.setdefault(fill.filled_at, fill.order)
        else:
            exits[fill.filled_at] = fill.order
    return Ends(entries, exits)
