"""What a tripped switch still has to wait for. It is done on evidence only: orders that have ended,
positions that are flat."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from django.db.models import Q, QuerySet

from apps.common import db
from apps.events import services as events
from apps.execution.models import Order, Position
from apps.execution.protected import is_stuck, rules_of
from apps.market import selectors as market
from apps.risk import selectors as risk
from apps.risk.models import KillSwitch
from apps.risk.scopes import owner_id
from trading.gates.values import TradingState
from trading.money import ZERO
from trading.orders import ENDED, OPEN, Leg, OrderStatus


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a drain has come. `exposure` is what the open positions are worth, by currency, at
    the last price, or at cost where there is none. `not_flat` counts only what has to be closed,
    and can be: `dust` is less than its venue takes, and waited for by nobody.
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
    dust: int

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
    mode: str


@db.transaction
def note(switch: KillSwitch) -> None:
    """Keep on the switch what it has to wait for, so that what has ended can be counted later. One
    that was reset waits for nothing more; who asks learns of it from the row given."""
    locked = KillSwitch.objects.select_for_update(of=("self",)).get(pk=switch.pk)
    if locked.reset_at is not None:
        switch.reset_by, switch.reset_reason = locked.reset_by, locked.reset_reason
        switch.reset_at = locked.reset_at
        return
    orders = {*locked.order_ids, *_forbidden(switch).values_list("pk", flat=True)}
    positions = set(locked.position_ids)
    if switch.state == TradingState.LIQUIDATING:
        held = _held(switch)
        positions |= {row.id for row in held} - _stuck(held)
    found = {"order_ids": sorted(orders), "position_ids": sorted(positions)}
    KillSwitch.objects.filter(pk=switch.pk).update(**found)
    for name, value in found.items():
        setattr(switch, name, value)


def progress(switch: KillSwitch) -> Progress:
    """As it is now, of one that stands; the number of queries does not depend on the number of
    orders."""
    working = set(_forbidden(switch).values_list("pk", flat=True))
    known = working | set(switch.order_ids)
    ended = ended_of(known)
    held = _held(switch)
    doomed, dust = set[int](), set[int]()
    if switch.state == TradingState.LIQUIDATING:
        doomed, dust = {row.id for row in held}, _stuck(held)
    closing = doomed - dust
    return Progress(
        state=TradingState(switch.state),
        orders=len(known),
        cancelled=ended[OrderStatus.CANCELED],
        filled=ended[OrderStatus.FILLED],
        working=len(working),
        positions=len((closing | set(switch.position_ids)) - dust),
        not_flat=len(closing),
        open_positions=len(held),
        exposure=_exposure(held),
        dust=len(dust),
    )


def ended_of(order_ids: Collection[int]) -> Counter[str]:
    """How many of these orders have ended in which status."""
    ended = Order.objects.filter(pk__any_of=sorted(order_ids), status__in=sorted(ENDED))
    return Counter(ended.values_list("status", flat=True))


@db.transaction
def note_many(switches: Sequence[KillSwitch]) -> None:
    """`note` for switches that close no position, thousands of accounts at once."""
    of_accounts = [switch for switch in switches if switch.account_id is not None]
    entering = _entering(of_accounts)
    for switch in of_accounts:
        switch.order_ids = entering.get(switch.pk, [])
    KillSwitch.objects.bulk_update(
        [switch for switch in of_accounts if switch.order_ids], ["order_ids"], batch_size=1_000
    )
    for switch in switches:
        if switch.account_id is None:
            note(switch)


@db.transaction
def mark_quiet(switches: Sequence[KillSwitch], now: datetime) -> None:
    """`mark_done` for those of them that forbid no open entry any more."""
    of_accounts = [switch for switch in switches if switch.account_id is not None]
    entering = _entering(of_accounts)
    quiet = [switch for switch in of_accounts if switch.pk not in entering]
    others = (switch for switch in switches if switch.account_id is None)
    quiet += [switch for switch in others if progress(switch).is_done]
    _mark(quiet, now)


@db.transaction
def mark_done(switch: KillSwitch, now: datetime) -> None:
    """Keep when it was first seen to be done, and tell of it."""
    _mark([switch], now)


@db.transaction_required
def _mark(switches: Sequence[KillSwitch], now: datetime) -> None:
    """Those that somebody else has marked, or reset, are left as they are, and not told of."""
    fresh = KillSwitch.objects.filter(
        pk__in=[switch.pk for switch in switches], drained_at=None, reset_at=None
    )
    taken = set(fresh.select_for_update().order_by("pk").values_list("pk", flat=True))
    KillSwitch.objects.filter(pk__in=taken).update(drained_at=now)
    facts = []
    for switch in switches:
        if switch.pk in taken:
            switch.drained_at = now
            payload: dict[str, object] = {
                "switch": switch.pk,
                "scope": switch.scope,
                "orders": len(switch.order_ids),
                "positions": len(switch.position_ids),
            }
            facts.append(events.Fact("kill_switch.drained", owner_id(switch), now, payload))
    events.record_many(facts)


def _entering(switches: Sequence[KillSwitch]) -> dict[int, list[int]]:
    """The open entries that switches of accounts forbid, by switch."""
    accounts = {switch.account_id for switch in switches}
    entries = Order.objects.filter(
        account_id__any_of=accounts, leg=Leg.ENTRY, status__in=sorted(OPEN)
    )
    theirs: dict[int, list[tuple[int, str]]] = defaultdict(list)
    for pk, account, status in entries.order_by("pk").values_list("pk", "account_id", "status"):
        theirs[account].append((pk, status))
    found = {
        switch.pk: [
            pk
            for pk, status in theirs.get(switch.account_id or 0, ())
            if OrderStatus(status) in _statuses(switch)
        ]
        for switch in switches
    }
    return {pk: orders for pk, orders in found.items() if orders}


def _statuses(switch: KillSwitch) -> Collection[OrderStatus]:
    """REDUCING lets those stand that were sent already."""
    return {OrderStatus.PENDING} if switch.state == TradingState.REDUCING else OPEN


def _forbidden(switch: KillSwitch) -> QuerySet[Order]:
    """The open entries that must end."""
    statuses = sorted(_statuses(switch))
    return Order.objects.filter(risk.reach(switch), Q(leg=Leg.ENTRY, status__in=statuses))


def _held(switch: KillSwitch) -> list[Held]:
    rows = Position.objects.filter(risk.reach(switch)).exclude(quantity=0)
    columns = (
        "pk", "instrument_id", "instrument__venue_id", "instrument__quote", "quantity", "cost",
        "mode",
    )  # fmt: skip
    return [Held(*row) for row in rows.values_list(*columns)]


def _stuck(held: Sequence[Held]) -> set[int]:
    """Those that no exit is written for: dust is an end."""
    rules = rules_of({row.instrument for row in held})
    return {
        row.id for row in held if is_stuck(row.mode, row.quantity, row.cost, rules[row.instrument])
    }


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
