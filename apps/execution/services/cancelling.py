"""Orders that end without the venue's doing: halted, expired, overtaken by an exit."""

from collections.abc import Container, Iterable, Sequence
from datetime import datetime

from django.db.models import Q, QuerySet

from apps.common import db
from apps.common.models import Mode
from apps.events.models import Event
from apps.execution.models import Order
from apps.execution.rows import OrderRow, read_orders
from apps.execution.services import reservations
from apps.execution.services.accounts import lock_accounts
from apps.execution.services.clocks import by_clock
from apps.execution.services.entry_refusals import TRADING_HALTED
from apps.execution.services.orders import Step, take_steps
from apps.risk import selectors as risk
from trading.gates.values import TradingState
from trading.matching import SESSION_ENDED
from trading.orders import OPEN, PROTECTIVE, Leg, OrderStatus
from trading.signals import Side

POSITION_CLOSED = "POSITION_CLOSED"
POSITION_LEAVING = "POSITION_LEAVING"
POSITION_GREW = "POSITION_GREW"
ENTRY_WITHDRAWN = "ENTRY_WITHDRAWN"
SUBSCRIPTION_STOPPED = "SUBSCRIPTION_STOPPED"

STOPPED = Q(subscription__is_paused=True) | Q(subscription__ended_at__isnull=False)

Key = tuple[int, int]
"""A subscription and an instrument: what a position is known by."""
Entering = tuple[int, int, Side]
"""A subscription, an instrument, and the side from which it is entered."""


@db.transaction
def cancel_halted_entries(states: risk.TradingStates | None = None) -> int:
    """Cancel the entries at paper venues that a tripped switch no longer allows, each on the clock
    of its venue. Exits stay, those of what an entry has filled by then included. `states`: None =
    what is tripped.
    """
    halted = halted_entries(states or risk.trading_states())
    if not halted:
        return 0
    lock_accounts(account for _, account in halted)
    orders = read_orders(pk__any_of=[pk for pk, _ in halted], status__in=sorted(OPEN))
    return cancel(orders, TRADING_HALTED)


def halted_entries(states: risk.TradingStates) -> list[tuple[int, int]]:
    """(order, account) of open entries whose trading state is HALTED or stricter."""
    if states.strictest < TradingState.HALTED:
        return []
    halted = states.where(TradingState.HALTED)
    entries = Order.objects.filter(halted, leg=Leg.ENTRY, mode=Mode.PAPER, status__in=sorted(OPEN))
    return list(entries.values_list("pk", "account_id"))


@db.transaction
def expire_ended(venue: str, now: datetime) -> int:
    """End the orders of the venue whose session is over, whether or not a candle came."""
    over = _working(venue).filter(expire_time__lte=now)
    return _end(_locked(over), OrderStatus.EXPIRED, SESSION_ENDED, now)


@db.transaction
def cancel_stopped_entries(venue: str, now: datetime) -> int:
    """Cancel what still enters at the venue for subscriptions that are paused or have ended. What
    is held keeps its exits.
    """
    entries = _working(venue).filter(STOPPED, leg=Leg.ENTRY)
    return _end(_locked(entries), OrderStatus.CANCELED, SUBSCRIPTION_STOPPED, now)


@db.transaction
def cancel_as_told(stops: Sequence[Event]) -> None:
    """The same for the subscriptions of these events, without waiting for a candle, each on the
    clock of its venue: an exchange may be closed for days."""
    subscriptions = {event.payload["subscription"] for event in stops}
    entries = Order.objects.filter(
        STOPPED,
        subscription_id__in=subscriptions,
        leg=Leg.ENTRY,
        mode=Mode.PAPER,
        status__in=sorted(OPEN),
    )
    cancel(_locked(entries), SUBSCRIPTION_STOPPED)


@db.transaction_required
def cancel(orders: Sequence[OrderRow], code: str) -> int:
    """Each on the clock of its venue; the number. They were read under the locks of their
    accounts."""
    return sum(
        _end(of_venue, OrderStatus.CANCELED, code, now) for now, of_venue in by_clock(orders)
    )


@db.transaction_required
def stop_entering(positions: Iterable[Key], now: datetime) -> int:
    """An exit of these positions is on its way: what still enters them would stay behind."""
    return _end(_entries_of(set(positions)), OrderStatus.CANCELED, POSITION_LEAVING, now)


@db.transaction_required
def withdraw(entries: Iterable[Entering], now: datetime) -> int:
    """The strategy says to leave what nothing has been filled of yet: it is not entered at all."""
    unwanted = set(entries)
    found = _entries_of({(subscription, instrument) for subscription, instrument, _ in unwanted})
    theirs = [
        order
        for order in found
        if (order.subscription_id, order.instrument_id, Side(order.side)) in unwanted
    ]
    return _end(theirs, OrderStatus.CANCELED, ENTRY_WITHDRAWN, now)


@db.transaction_required
def let_go(positions: Iterable[Key], turned: Container[str], now: datetime) -> int:
    """These positions were closed: orders that were to reduce them have nothing left to do, and
    what is left of the entry that opened them must not open them again. The entries, by name, that
    have `turned` a position round belong with their exits to what is held now, and stay.
    """
    closed = set(positions)
    if not closed:
        return 0
    orders = read_orders(
        Q(reduce_only=True) | Q(leg=Leg.ENTRY, filled_quantity__gt=0),
        subscription_id__any_of={subscription for subscription, _ in closed},
        status__in=sorted(OPEN),
    )
    theirs = [
        order
        for order in orders
        if (order.subscription_id, order.instrument_id) in closed
        and order.client_order_id not in turned
        and order.oco_group not in turned
    ]
    return _end(theirs, OrderStatus.CANCELED, POSITION_CLOSED, now)


@db.transaction_required
def make_way(positions: Iterable[Key], entered: Container[str], now: datetime) -> int:
    """These entries, by name, have added to positions of which there was a rest: their exits will
    cover all of it, so those that stood beside the rest go."""
    grown = set(positions)
    if not grown:
        return 0
    orders = read_orders(
        subscription_id__any_of={subscription for subscription, _ in grown},
        leg__in=sorted(PROTECTIVE),
        status__in=sorted(OPEN),
    )
    theirs = [
        order
        for order in orders
        if (order.subscription_id, order.instrument_id) in grown and order.oco_group not in entered
    ]
    return _end(theirs, OrderStatus.CANCELED, POSITION_GREW, now)


def _working(venue: str) -> QuerySet[Order]:
    return Order.objects.filter(
        instrument__venue_id=venue, mode=Mode.PAPER, status__in=sorted(OPEN)
    )


def _locked(orders: QuerySet[Order]) -> list[OrderRow]:
    """Those that are still open once the locks of their accounts are held."""
    found = list(orders.values_list("pk", "account_id"))
    if not found:
        return []
    lock_accounts(account for _, account in found)
    return read_orders(pk__any_of=[pk for pk, _ in found], status__in=sorted(OPEN))


def _entries_of(positions: set[Key]) -> list[OrderRow]:
    if not positions:
        return []
    entries = read_orders(
        subscription_id__any_of={subscription for subscription, _ in positions},
        leg=Leg.ENTRY,
        status__in=sorted(OPEN),
    )
    return [order for order in entries if (order.subscription_id, order.instrument_id) in positions]


def _end(orders: Sequence[OrderRow], status: OrderStatus, code: str, now: datetime) -> int:
    """The number that ended so; what was set aside for them is given back."""
    if not orders:
        return 0
    changed = take_steps([Step(order.id, order.status, status, code) for order in orders], now)
    reservations.release(sorted(changed), now)
    return len(changed)
