"""Step 2: positions with a ladder are taken down and their stops moved, as trading/exit_policy.py
says: for every position whose candle has closed, whatever its strategy, its warm-up, a pause or a
kill switch."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import NamedTuple

from django.db.models import F, Max, OuterRef, QuerySet, Subquery

from apps.common import db
from apps.common.models import Mode
from apps.execution.models import Exit, Fill, Order, Position
from apps.execution.rows import OrderRow, read_orders
from apps.execution.services.accounts import free_first, lock_free
from apps.execution.services.amendments import move_stops
from apps.execution.services.closes import Close
from apps.execution.services.leaving import Held, Leaving, leaving_whole, write_exits
from apps.market.models import Instrument
from trading.candles import Candle
from trading.exit_plans import Ladder
from trading.exit_policy import MOST_ATTEMPTS, Laddered, ToDo, what_is_due
from trading.exits import ExitReason, closing_side
from trading.orders import OPEN, Leg, OrderStatus, OrderType

# A stop that was triggered, or is being cancelled, is not moved any more.
MOVABLE = (OrderStatus.PENDING, OrderStatus.SUBMITTED, OrderStatus.ACCEPTED)

CHUNK = 2_000  # accounts to a transaction


class Entry(NamedTuple):
    """What opened the position; `last_fill` is when the candle of its last fill opened."""

    id: int
    client_order_id: str
    side: str
    order_type: str
    ladder: dict[str, object]
    last_fill: datetime


class Climbing(NamedTuple):
    """A position with a ladder."""

    held: Held
    entry: Entry
    entry_quantity: Decimal
    average_entry: Decimal


class Tried(NamedTuple):
    """One exit of a rung, and what came of it."""

    position_id: int
    level: int
    attempt: int
    decided_at: datetime
    status: str
    filled: Decimal

    @property
    def is_open(self) -> bool:
        return OrderStatus(self.status) in OPEN


@db.durable
def climb(close: Close) -> int:
    """Write the exits that are due and move the stops, of the instruments whose candle has closed;
    the number of exits. A second time changes nothing: what is on its way is not due again, and a
    stop moves only nearer.
    """
    ids = list(close.instruments.get(close.finest, ()))
    accounts = sorted(set(_with_ladder(ids).values_list("account_id", flat=True)))
    chunk = partial(_climb_chunk, ids=ids, close=close)
    return sum(free_first({pk: pk for pk in accounts}, CHUNK, chunk))


@db.transaction
def _climb_chunk(
    accounts: Sequence[int], *, ids: Sequence[int], close: Close
) -> tuple[int, list[int]]:
    """With the accounts that somebody else is at."""
    free = lock_free(accounts)
    climbing = [item for item in _read(ids) if item.held.account_id in free]
    due = _due(climbing, _tried(climbing), _stops(climbing), close)
    write_exits(due.exits, close.time)
    move_stops(due.stops, close.time)
    return len(due.exits), [pk for pk in accounts if pk not in free]


class Due(NamedTuple):
    exits: list[Leaving]
    stops: list[tuple[OrderRow, Decimal]]


def _due(
    climbing: Sequence[Climbing],
    tried: Mapping[int, Sequence[Tried]],
    stops: Mapping[str, OrderRow],
    close: Close,
) -> Due:
    candles = close.candles()
    rules = {
        row.pk: row.rules
        for row in Instrument.objects.filter(
            pk__any_of={item.held.instrument_id for item in climbing}
        )
    }
    leaving = leaving_whole([item.held for item in climbing])
    due = Due([], [])
    for item in climbing:
        held, stop = item.held, stops.get(item.entry.client_order_id)
        before, candle = tried.get(held.id, ()), candles[held.instrument_id]
        stands = _standing(item, before, stop, candle, is_leaving=held.key in leaving)
        ladder = Ladder.of(item.entry.ladder)
        said = what_is_due(ladder, stands, candle, rules[held.instrument_id])
        due.exits.extend(_exit(held, said, before, close.time))
        if stop is not None and said.stop is not None:
            due.stops.append((stop, said.stop))
    return due


def _standing(
    item: Climbing,
    tried: Iterable[Tried],
    stop: OrderRow | None,
    candle: Candle,
    *,
    is_leaving: bool,
) -> Laddered:
    entered_inside = item.entry.order_type != OrderType.MARKET
    return Laddered(
        direction=item.held.direction,
        quantity=abs(item.held.quantity),
        entry_quantity=item.entry_quantity,
        average_entry=item.average_entry,
        stop=None if stop is None else stop.trigger_price,
        done=max((each.level for each in tried if each.filled), default=0),
        is_leaving=is_leaving,
        is_stepping=any(each.is_open for each in tried),
        is_fresh=entered_inside and item.entry.last_fill >= candle.open_time,
    )


def _exit(held: Held, said: ToDo, tried: Iterable[Tried], now: datetime) -> Iterable[Leaving]:
    if not said.quantity:
        return
    before = [each for each in tried if each.level == said.rung]
    # What ended at this very close is tried again at the next.
    if len(before) < MOST_ATTEMPTS and all(each.decided_at < now for each in before):
        yield Leaving(held, said.quantity, ExitReason.LADDER, said.rung, len(before))


def _with_ladder(instrument_ids: Sequence[int]) -> QuerySet[Position]:
    """Open positions, each with the last entry of its subscription that had a ladder; whether that
    opened this round trip is still to be seen."""
    entries = Order.objects.filter(
        subscription=OuterRef("subscription"),
        instrument=OuterRef("instrument"),
        leg=Leg.ENTRY,
        ladder__isnull=False,
        filled_quantity__gt=0,
    )
    return (
        Position.objects.filter(instrument_id__in=instrument_ids)
        .exclude(quantity=0)
        .annotate(entry_id=Subquery(entries.order_by("-id").values("pk")[:1]))
        .exclude(entry_id=None)
    )


def _read(instrument_ids: Sequence[int]) -> list[Climbing]:
    """By position."""
    rows = list(
        _with_ladder(instrument_ids)
        .order_by("id")
        .values_list(*Held._fields, "entry_quantity", "entry_value", "opened_at", "entry_id")
    )
    entries = _entries({row[-1] for row in rows})
    found = []
    for *columns, quantity, value, opened_at, entry_id in rows:
        held, entry = Held(*columns), entries[entry_id]
        is_its_own = entry.last_fill >= opened_at and entry.side != closing_side(held.direction)
        if is_its_own:
            found.append(Climbing(held, entry, quantity, value / quantity))
    return found


def _entries(ids: set[int]) -> dict[int, Entry]:
    last = Fill.objects.filter(order_id__any_of=ids).values_list("order_id")
    filled: dict[int, datetime] = dict(last.annotate(last=Max("filled_at")))
    rows = Order.objects.filter(pk__any_of=ids).values_list(*Entry._fields[:-1])
    return {row[0]: Entry(*(*row, filled[row[0]])) for row in rows}


def _tried(climbing: Sequence[Climbing]) -> dict[int, list[Tried]]:
    """The exits of rungs in the round trips that are open, by position."""
    orders = Order.objects.filter(
        exit__in=Exit.objects.filter(
            position_id__any_of={item.held.id for item in climbing},
            sequence=F("position__trade_sequence"),
            cause=ExitReason.LADDER,
        ),
        leg=Leg.EXIT,
    )
    found: dict[int, list[Tried]] = {}
    for row in orders.order_by("id").values_list(
        "exit__position_id", "exit__level", "exit__attempt", "exit__decided_at", "status",
        "filled_quantity",
    ):  # fmt: skip
        found.setdefault(row[0], []).append(Tried(*row))
    return found


def _stops(climbing: Sequence[Climbing]) -> dict[str, OrderRow]:
    """The stops that may be moved, by the name of their entry, the last one that was written. At a
    real venue an amendment is a conversation."""
    if not climbing:
        return {}
    orders = read_orders(
        instrument_id__any_of={item.held.instrument_id for item in climbing},
        account_id__any_of={item.held.account_id for item in climbing},
        oco_group__any_of={item.entry.client_order_id for item in climbing},
        leg=Leg.STOP,
        mode=Mode.PAPER,
        status__in=sorted(MOVABLE),
    )
    return {order.oco_group: order for order in orders}
