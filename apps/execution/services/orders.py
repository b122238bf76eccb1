"""The one place where the status of an order changes: by compare-and-swap, along
trading/orders.py."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from operator import attrgetter
from typing import NamedTuple

from django.db import connection, transaction
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from apps.common import bulk, db, metrics
from apps.common.locks import transaction_lock
from apps.common.models import Mode
from apps.execution.models import Order, OrderEvent
from apps.execution.rows import COPIED_COLUMNS, OrderRow, copied, read_free_orders, read_orders
from apps.execution.services import reservations, sending
from apps.execution.services.accounts import lock_accounts
from apps.execution.services.clocks import by_clock
from apps.execution.services.entry_refusals import refusals
from apps.execution.services.urgency import by_urgency
from apps.market import selectors as market
from apps.risk import selectors as risk
from apps.risk.services.switches import LOCK as KILL_SWITCH
from trading.money import ZERO
from trading.orders import ENDED, Leg, OrderReport, OrderStatus, advance

# What is marked and sent together. A trip waits until one chunk is marked, and what was marked when
# it commits still leaves: both take as long as a chunk is large.
CHUNK = 2_000


class Step(NamedTuple):
    """One order's next status. `filled` is added to its filled quantity; a name that the venue gave
    is kept.
    """

    order_id: int
    old: str
    new: str
    reason: str = ""
    filled: Decimal = ZERO
    venue_order_id: str = ""


@db.transaction_required
def write_orders(orders: Sequence[OrderRow]) -> None:
    """Write orders that are PENDING: wanted, durable, not sent. Those without an id get one."""
    ids = bulk.take_ids(Order, sum(not order.id for order in orders))
    bulk.copy_rows(Order, COPIED_COLUMNS, copied(orders, iter(ids)))
    counts = Counter((order.mode, order.leg) for order in orders)
    transaction.on_commit(lambda: _count(counts))


@db.transaction_required
def take_steps(steps: Sequence[Step], at: datetime) -> set[int]:
    """Change the status of many orders; the ids of those that were still what we took them for.
    Several steps of one order are taken one after the other.

    Raises TransitionNotAllowed where the table has no such step; then nothing is written.
    """
    for old, new in {(step.old, step.new) for step in steps if step.old != step.new}:
        advance(OrderStatus(old), OrderStatus(new))
    changed: set[int] = set()
    for turn in bulk.in_turns(steps, by=attrgetter("order_id")):
        taken = _swap(turn)
        write_steps([step for step in turn if step.order_id in taken], at)
        changed |= taken
    return changed


@db.transaction_required
def write_steps(steps: Iterable[Step], at: datetime) -> None:
    """Write down what has happened to orders; changes nothing of them."""
    bulk.copy_rows(
        OrderEvent,
        ("order_id", "old_status", "new_status", "reason", "happened_at"),
        ((step.order_id, step.old, step.new, step.reason, at) for step in steps),
    )


def _swap(steps: Sequence[Step]) -> set[int]:
    """Compare and swap; the ids of the orders that still had their step's old status.

    No status stands in the statement: the planner would take a rare one for a single row and go
    through all steps for each order that has it.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE execution_order AS target SET status = step.new, reason = step.reason, "
            "filled_quantity = target.filled_quantity + step.filled, "
            "venue_order_id = coalesce(nullif(step.name, ''), target.venue_order_id), "
            "submitted_at = coalesce(target.submitted_at, "
            "CASE WHEN step.new = %s THEN statement_timestamp() END) FROM "
            "unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::numeric[], %s::text[]) "
            "AS step(id, old, new, reason, filled, name) "
            "WHERE target.id = step.id AND target.status = step.old RETURNING target.id",
            [
                OrderStatus.SUBMITTED.value,
                *(bulk.as_array(values) for values in zip(*steps, strict=True)),
            ],
        )
        return {row[0] for row in cursor.fetchall()}


@db.durable
def submit_exits(venue: str, now: datetime) -> int:
    """Send what is PENDING at a paper venue and only leaves or protects: no switch is asked, and no
    lock waited for. What somebody else is at is left to the next round."""
    return _send_each(_leaving(venue), partial(_mark_exits, now=now, waits=False), now)


@db.durable
def submit_pending(venue: str, now: datetime) -> int:
    """Step 6: send what is PENDING at a paper venue, what leaves or protects first, then entries by
    their urgency. Each order is marked SUBMITTED before.

    An entry older than the venue's finest candle, on its clock, is EXPIRED instead: its candle has
    passed.
    """
    sent = submit_exits(venue, now)
    # The candle that is being taken may reach what somebody was at.
    sent += _send_each(_leaving(venue), partial(_mark_exits, now=now, waits=True), now)
    entries = by_urgency(_waiting(venue).filter(leg=Leg.ENTRY), timezone.now())
    oldest = now - market.finest(venue).duration
    return sent + _send_each(entries, partial(_mark_entries, venue, now=now, oldest=oldest), now)


def _send_each(
    ids: Sequence[int], mark: Callable[[Sequence[int]], list[OrderRow]], now: datetime
) -> int:
    """Mark and send, a chunk at a time; the number sent."""
    sent = 0
    for start in range(0, len(ids), CHUNK):
        marked = mark(ids[start : start + CHUNK])
        if marked:
            _record_answers(marked, sending.send(marked), now)
        sent += len(marked)
    return sent


@db.durable
def ask_about_unanswered(older_than: timedelta) -> int:
    """Ask the venue about orders that were marked SUBMITTED and never answered; send nothing
    again."""
    unanswered = Order.objects.filter(
        status=OrderStatus.SUBMITTED, mode=Mode.PAPER, submitted_at__lt=Now() - older_than
    )
    with transaction.atomic():
        orders = read_orders(pk__any_of=list(unanswered.values_list("pk", flat=True)[:CHUNK]))
    if not orders:
        return 0
    answered = 0
    for now, theirs in by_clock(orders):
        answered += _record_answers(theirs, sending.ask_about(theirs), now)
    return answered


@db.transaction
def _mark_exits(ids: Sequence[int], *, now: datetime, waits: bool) -> list[OrderRow]:
    """Without the locks of their accounts, where it does not wait: nothing is decided, and who
    reads an order to change it has it locked."""
    if waits:
        lock_accounts(Order.objects.filter(pk__any_of=ids).values_list("account_id", flat=True))
    read = read_orders if waits else read_free_orders
    leaving = read(pk__any_of=ids, status=OrderStatus.PENDING)
    changed = take_steps([_submitted(order) for order in leaving], now)
    return [order for order in leaving if order.id in changed]


@db.transaction
def _mark_entries(
    venue: str, ids: Sequence[int], *, now: datetime, oldest: datetime
) -> list[OrderRow]:
    transaction_lock(KILL_SWITCH, shared=True)
    states = risk.trading_states()
    lock_accounts(Order.objects.filter(pk__any_of=ids).values_list("account_id", flat=True))
    entries = read_orders(pk__any_of=ids, status=OrderStatus.PENDING)
    refused = refusals(entries, states, venue, oldest)
    steps = [
        Step(order.id, order.status, *refused[order.id])
        if order.id in refused
        else _submitted(order)
        for order in entries
    ]
    changed = take_steps(steps, now)
    reservations.release(sorted(refused), now)
    return [order for order in entries if order.id in changed and order.id not in refused]


def _submitted(order: OrderRow) -> Step:
    return Step(order.id, order.status, OrderStatus.SUBMITTED)


def _leaving(venue: str) -> list[int]:
    leaving = _waiting(venue).exclude(leg=Leg.ENTRY)
    return list(leaving.order_by("id").values_list("pk", flat=True))


def _waiting(venue: str) -> QuerySet[Order]:
    return Order.objects.filter(
        status=OrderStatus.PENDING, held_by_us=False, mode=Mode.PAPER, instrument__venue_id=venue
    )


@db.transaction
def _record_answers(
    orders: Sequence[OrderRow], reports: Iterable[OrderReport], now: datetime
) -> int:
    by_name = {order.client_order_id: order.id for order in orders}
    steps = [
        Step(
            by_name[report.client_order_id],
            OrderStatus.SUBMITTED,
            report.status,
            report.code,
            venue_order_id=report.venue_order_id,
        )
        for report in reports
    ]
    ended = {step.order_id for step in steps if OrderStatus(step.new) in ENDED}
    # Only for entries something is set aside.
    refused = {order.id for order in orders if order.id in ended and order.leg == Leg.ENTRY}
    lock_accounts(order.account_id for order in orders if order.id in refused)
    changed = take_steps(steps, now)
    reservations.release(sorted(refused & changed), now)
    return len(changed)


def _count(orders: Counter[tuple[str, str]]) -> None:
    for (mode, leg), number in orders.items():
        metrics.ORDERS.labels(mode, leg).inc(number)
