"""The one place where the status of an order changes: by compare-and-swap, along
trading/orders.py."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from django.db import connection, transaction
from django.db.models.functions import Now

from apps.common import bulk, db, metrics
from apps.common.locks import transaction_lock
from apps.common.models import Mode
from apps.execution.models import Order, OrderEvent
from apps.execution.rows import COPIED_COLUMNS, OrderRow, copied, read_orders
from apps.execution.services import reservations, sending
from apps.execution.services.accounts import lock_accounts
from apps.execution.services.clocks import by_clock
from apps.market import selectors as market
from apps.risk import selectors as risk
from apps.risk.services.switches import LOCK as KILL_SWITCH
from apps.strategies.models import StrategySubscription
from trading.gates.codes import GateCode
from trading.gates.values import TradingState
from trading.money import ZERO
from trading.orders import ENDED, Leg, OrderReport, OrderStatus, advance

# What is marked and sent together. A trip waits until one chunk is marked, and what was marked when
# it commits still leaves: both take as long as a chunk is large.
CHUNK = 2_000
TRADING_HALTED = GateCode.TRADING_HALTED.value
TRADING_REDUCING = GateCode.TRADING_REDUCING.value
STALE = "STALE"


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
    for turn in _turns(steps):
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


def _turns(steps: Iterable[Step]) -> list[list[Step]]:
    """The first step of each order, the second of those that have one, and so on: a statement takes
    only one of an order, and does not say which.
    """
    turns: list[list[Step]] = []
    seen: Counter[int] = Counter()
    for step in steps:
        number = seen[step.order_id]
        seen[step.order_id] += 1
        if number == len(turns):
            turns.append([])
        turns[number].append(step)
    return turns


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
def submit_pending(venue: str, now: datetime) -> int:
    """Step 6: send what is PENDING at a paper venue. Each order is marked SUBMITTED first.

    An entry older than the venue's finest candle, on its clock, is EXPIRED instead: its candle has
    passed.
    """
    fresh_for = market.finest(venue).duration
    sent, is_last = 0, False
    while not is_last:
        marked, is_last = _mark_submitted(venue, now, fresh_for)
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
def _mark_submitted(venue: str, now: datetime, fresh_for: timedelta) -> tuple[list[OrderRow], bool]:
    waiting = Order.objects.filter(
        status=OrderStatus.PENDING, held_by_us=False, mode=Mode.PAPER, instrument__venue_id=venue
    )
    ids = list(waiting.order_by("id").values_list("pk", flat=True)[:CHUNK])
    if not ids:  # as at most closes, twice
        return [], True
    transaction_lock(KILL_SWITCH, shared=True)
    states = risk.trading_states()
    lock_accounts(Order.objects.filter(pk__any_of=ids).values_list("account_id", flat=True))
    orders = read_orders(pk__any_of=ids, status=OrderStatus.PENDING)
    strategy_of = _strategies(orders)
    sent, steps = [], []
    for order in orders:
        place = risk.Place(
            venue=venue,
            instrument=order.instrument_id,
            strategy=strategy_of[order.subscription_id],
            user=order.user_id,
            account=order.account_id,
            subscription=order.subscription_id,
        )
        refusal = _refusal(order, states.of(place), now - fresh_for)
        if refusal is None:
            sent.append(order)
            steps.append(Step(order.id, order.status, OrderStatus.SUBMITTED))
        else:
            steps.append(Step(order.id, order.status, refusal[0], refusal[1]))
    changed = take_steps(steps, now)
    kept = {order.id for order in sent}
    reservations.release([order.id for order in orders if order.id not in kept], now)
    return [order for order in sent if order.id in changed], len(ids) < CHUNK


def _refusal(
    order: OrderRow, state: TradingState, oldest: datetime
) -> tuple[OrderStatus, str] | None:
    """Why an order is not sent. Exits and protective orders leave in every state, however late."""
    if order.leg != Leg.ENTRY:
        return None
    if state is not TradingState.ACTIVE:
        is_reducing = state is TradingState.REDUCING
        return OrderStatus.CANCELED, TRADING_REDUCING if is_reducing else TRADING_HALTED
    if order.active_from < oldest:
        return OrderStatus.EXPIRED, STALE
    return None


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
    refused = {step.order_id for step in steps if OrderStatus(step.new) in ENDED}
    lock_accounts(order.account_id for order in orders if order.id in refused)
    changed = take_steps(steps, now)
    reservations.release(sorted(refused & changed), now)
    return len(changed)


def _strategies(orders: Iterable[OrderRow]) -> dict[int, int]:
    subscriptions = StrategySubscription.objects.filter(
        pk__any_of={order.subscription_id for order in orders}
    )
    return dict(subscriptions.values_list("pk", "version__strategy_id"))


def _count(orders: Counter[tuple[str, str]]) -> None:
    for (mode, leg), number in orders.items():
        metrics.ORDERS.labels(mode, leg).inc(number)
