"""What a tripped switch still has to wait for. It is done on evidence only: orders that have ended,
positions that are flat."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from django.db.models import Q, QuerySet

from apps.common import db
from apps.execution.models import Order, Position
from apps.market import selectors as market
from apps.risk import selectors as risk
from apps.risk.models import KillSwitch
from trading.gates.values import TradingState
from trading.money import ZERO
from trading.orders import ENDED, OPEN, Leg, OrderStatus


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a drain has come. `exposure` is what the open positions are worth, by currency, at
    the last price, or at cost where there is none. `not_flat` counts only what has to be closed.
    """

    state: TradingState
    orders: int  # that had to end
    cancelled: int
    filled: int  # in flight when the switch was tripped, and filled before they could be cancelled
    working: int
    positions: int  # that had to be closed
    not_flat: int
    open_positions: int
    exposure: Mapping[str, Decimal]

    @property
    def is_done(self) -> bool:
        return not self.working and not self.not_flat

    @property
    def ended_otherwise(self) -> int:
        """Expired, refused, lost."""
        return self.orders - self.cancelled - self.filled - self.working


class Held(NamedTuple):
    """A position that is open."""

    id: int
    instrument: int
    venue: str
    currency: str
    quantity: Decimal
    cost: Decimal


@db.transaction
def note(switch: KillSwitch) -> None:
    """Keep on the switch what it has to wait for, so that what has ended can be counted later."""
    locked = KillSwitch.objects.select_for_update(of=("self",)).get(pk=switch.pk)
    orders = {*locked.order_ids, *_forbidden(switch).values_list("pk", flat=True)}
    positions = set(locked.position_ids)
    if switch.state == TradingState.LIQUIDATING:
        positions |= set(_open_positions(switch).values_list("pk", flat=True))
    found = {"order_ids": sorted(orders), "position_ids": sorted(positions)}
    KillSwitch.objects.filter(pk=switch.pk).update(**found)
    for name, value in found.items():
        setattr(switch, name, value)


def progress(switch: KillSwitch) -> Progress:
    """As it is now; the number of queries does not depend on the number of orders."""
    working = set(_forbidden(switch).values_list("pk", flat=True))
    known = working | set(switch.order_ids)
    ended = Counter(
        Order.objects.filter(pk__any_of=sorted(known), status__in=sorted(ENDED)).values_list(
            "status", flat=True
        )
    )
    rows = _open_positions(switch).values_list(
        "pk", "instrument_id", "instrument__venue_id", "instrument__quote", "quantity", "cost"
    )
    held = [Held(*row) for row in rows]
    closing = {row.id for row in held} if switch.state == TradingState.LIQUIDATING else set()
    return Progress(
        state=TradingState(switch.state),
        orders=len(known),
        cancelled=ended[OrderStatus.CANCELED],
        filled=ended[OrderStatus.FILLED],
        working=len(working),
        positions=len(closing | set(switch.position_ids)),
        not_flat=len(closing),
        open_positions=len(held),
        exposure=_exposure(held),
    )


def mark_done(switch: KillSwitch, now: datetime) -> None:
    """Keep when it was first seen to be done."""
    fresh = KillSwitch.objects.filter(pk=switch.pk, drained_at=None)
    if fresh.update(drained_at=now):
        switch.drained_at = now


def _forbidden(switch: KillSwitch) -> QuerySet[Order]:
    """The open entries that must end. REDUCING lets those stand that were sent already."""
    is_reducing = switch.state == TradingState.REDUCING
    statuses = {OrderStatus.PENDING} if is_reducing else OPEN
    return Order.objects.filter(risk.reach(switch), Q(leg=Leg.ENTRY, status__in=sorted(statuses)))


def _open_positions(switch: KillSwitch) -> QuerySet[Position]:
    return Position.objects.filter(risk.reach(switch)).exclude(quantity=0)


def _exposure(held: Iterable[Held]) -> dict[str, Decimal]:
    by_venue: dict[str, set[int]] = defaultdict(set)
    positions = list(held)
    for position in positions:
        by_venue[position.venue].add(position.instrument)
    prices: dict[int, Decimal] = {}
    for venue, instruments in by_venue.items():
        prices |= market.latest_prices(sorted(instruments), market.market_now(venue))
    total: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for position in positions:
        price = prices.get(position.instrument)
        worth = position.cost if price is None else position.quantity * price
        total[position.currency] += abs(worth)
    return dict(sorted(total.items()))
