"""Steps 7 and 8: fills move positions, money and risk in one transaction, whoever reports them."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from apps.common import db, metrics
from apps.events import services as events
from apps.execution.models import Exit, Fill, JournalEntry
from apps.execution.rows import OrderRow
from apps.execution.services import (
    books,
    cancelling,
    days,
    fill_facts,
    protection,
    reservations,
    results,
)
from apps.execution.services.amendments import fit_protection
from apps.execution.services.orders import Step, take_steps
from apps.execution.services.positions import PositionRow, read_positions, write_positions
from apps.execution.services.protection import Entered, growth, is_protection
from apps.execution.services.reservations import Part
from apps.execution.services.results import Results
from apps.strategies.models import StrategySubscription
from trading import ledger
from trading.exits import ExitReason, reason_of
from trading.instruments import InstrumentRules
from trading.orders import (
    ENDED,
    FillReport,
    Leg,
    OrderReport,
    OrderStatus,
    OrderType,
    status_after_fill,
)
from trading.results import counted


@dataclass(slots=True)
class Posted:
    """What a batch of fills comes to, gathered before anything is written."""

    causes: Mapping[int, ExitReason]
    by_hand: Set[int]
    fills: list[books.FillRow] = field(default_factory=list)
    journal: list[books.Entry] = field(default_factory=list)
    trades: list[books.TradeRow] = field(default_factory=list)
    filled: dict[int, Step] = field(default_factory=dict)  # by order: several fills make one step
    told: list[Step] = field(default_factory=list)
    entered: dict[str, Entered] = field(default_factory=dict)  # by the entry's name
    facts: list[events.Fact] = field(default_factory=list)
    results: Results = field(default_factory=Results)
    flat: set[tuple[int, int]] = field(default_factory=set)
    resized: set[tuple[int, int]] = field(default_factory=set)
    renewed: set[tuple[int, int]] = field(default_factory=set)


@db.transaction_required
def record_fills(
    orders: Sequence[OrderRow],
    fills: Sequence[FillReport],
    reports: Iterable[OrderReport],
    rules: Mapping[int, InstrumentRules],
    now: datetime,
) -> int:
    """Record what a venue reported of these orders; the number of fills that were new.

    The caller holds the locks of the accounts, and `orders` were read under them. `rules` are by
    instrument. A fill that is known already changes nothing.
    """
    by_name = {order.client_order_id: order for order in orders}
    fresh = _unknown(fills, by_name)
    states = {}
    if fresh:  # before any of it changes what the accounts are worth
        filled = {by_name[fill.client_order_id].account_id for fill in fresh}
        states = days.begin(filled, max(fill.filled_at for fill in fresh))
    positions = read_positions({by_name[fill.client_order_id].subscription_id for fill in fresh})
    filled_now = [by_name[fill.client_order_id] for fill in fresh]
    posted = Posted(_causes(filled_now), _by_hand(filled_now))
    for fill in fresh:
        order = by_name[fill.client_order_id]
        _post(posted, order, fill, positions, rules[order.instrument_id])
    posted.told.extend(_told(reports, by_name, posted.filled))
    _write(posted, positions, rules, now)
    results.write(posted.results, states)
    return len(fresh)


def _post(
    posted: Posted,
    order: OrderRow,
    fill: FillReport,
    positions: dict[tuple[int, int], PositionRow],
    rules: InstrumentRules,
) -> None:
    key = (order.subscription_id, order.instrument_id)
    position = positions.get(key) or PositionRow.new(order)
    before = position.state
    applied = ledger.apply_fill(
        before, fill.side, fill.quantity, fill.price, fill.commission, fill.filled_at
    )
    applied, result = counted(before, applied, rules, fill.filled_at.date())
    position = position.after(applied)
    positions[key] = position
    posted.fills.append(books.FillRow.of(order, fill))
    posted.journal.append(books.Entry.of(order, rules.quote, fill, applied.postings))
    so_far = posted.filled.get(order.id)
    filled = fill.quantity if so_far is None else so_far.filled + fill.quantity
    status = status_after_fill(_quantity(posted, order), order.filled_quantity + filled)
    posted.filled[order.id] = Step(order.id, order.status, status, "", filled)
    posted.results.add(order, fill, before, applied, result)
    if order.leg != Leg.ENTRY or order.filled_quantity or before.quantity:
        posted.resized.add(key)
    if order.leg == Leg.ENTRY and not order.filled_quantity and before.quantity:
        posted.renewed.add(key)  # it came upon dust
    if order.leg == Leg.ENTRY:
        first = posted.entered.get(order.client_order_id)
        opened_at = fill.filled_at if first is None else first.opened_at
        average = position.state.cost / position.state.quantity
        posted.entered[order.client_order_id] = Entered(order, filled, opened_at, average)
    reason = _reason(order, posted)
    if reason is ExitReason.MANUAL:
        posted.results.left_by_hand(order, fill.filled_at)
    if applied.closed is not None:
        posted.trades.append(books.TradeRow.of(position, order, applied.closed, reason))
        posted.flat.add(key)
    posted.facts.append(fill_facts.fact(order, fill, position, applied))


def _quantity(posted: Posted, order: OrderRow) -> Decimal:
    """Of an exit: with what its entry has filled in the same batch."""
    if not is_protection(order):
        return order.quantity
    return order.quantity + growth(posted.entered.get(order.oco_group))


def _write(
    posted: Posted,
    positions: dict[tuple[int, int], PositionRow],
    rules: Mapping[int, InstrumentRules],
    now: datetime,
) -> None:
    cancelling.make_way(posted.renewed, posted.entered, now)
    protection.cover(posted.entered, rules, now)  # before what may fill of it
    changed = take_steps(list(posted.filled.values()), now) | take_steps(posted.told, now)
    fill_ids = books.write_fills(posted.fills)
    books.write_journal(JournalEntry.Kind.FILL, posted.journal, fill_ids)
    ids = write_positions(positions.values())
    books.write_trades(posted.trades, ids)
    steps = (*posted.filled.values(), *posted.told)
    ended = {step.order_id for step in steps if OrderStatus(step.new) in ENDED} & changed
    reservations.release(sorted(ended), now)
    reservations.shrink(
        {
            entry.id: Part(entry.quantity - entry.filled_quantity, quantity)
            for entry, quantity, *_ in posted.entered.values()
            if entry.id not in ended
        }
    )
    cancelling.let_go(posted.flat, _turned(posted, positions), now)
    fit_protection(positions, posted.resized - posted.flat, now)
    events.record_many(posted.facts)
    counts = Counter(row.mode for row in posted.fills)
    transaction.on_commit(lambda: _count(counts))


def _turned(posted: Posted, positions: Mapping[tuple[int, int], PositionRow]) -> set[str]:
    """The entries, by name, that opened a position again, the other way round, in the batch in
    which it was closed."""
    return {
        name
        for name, item in posted.entered.items()
        if positions[item.entry.subscription_id, item.entry.instrument_id].state.quantity
    }


def _count(fills: Counter[str]) -> None:
    for mode, number in fills.items():
        metrics.FILLS.labels(mode).inc(number)


def _unknown(fills: Sequence[FillReport], by_name: Mapping[str, OrderRow]) -> list[FillReport]:
    ids = [fill.venue_trade_id for fill in fills]
    known = set(
        Fill.objects.filter(
            venue_trade_id__any_of=ids,
            account_id__any_of={order.account_id for order in by_name.values()},
        ).values_list("account_id", "venue_trade_id")
    )
    return [
        fill
        for fill in fills
        if (by_name[fill.client_order_id].account_id, fill.venue_trade_id) not in known
    ]


def _told(
    reports: Iterable[OrderReport], by_name: Mapping[str, OrderRow], filled: Mapping[int, Step]
) -> Iterable[Step]:
    """What was reported beside fills. An order goes on from what was last told of it: it may have
    filled in the same batch, or been triggered."""
    stands = {pk: step.new for pk, step in filled.items()}
    for report in reports:
        order = by_name[report.client_order_id]
        old = stands.get(order.id, order.status)
        if OrderStatus(old) not in ENDED:
            stands[order.id] = report.status
            yield Step(order.id, old, report.status, report.code)


def _causes(orders: Iterable[OrderRow]) -> dict[int, ExitReason]:
    """Of the exits that are ours, not a strategy's; by exit."""
    ids = {order.exit_id for order in orders if order.exit_id is not None}
    rows = Exit.objects.filter(pk__any_of=ids).values_list("pk", "cause") if ids else ()
    return {pk: ExitReason(cause) for pk, cause in rows}


def _by_hand(orders: Iterable[OrderRow]) -> Set[int]:
    """Of the subscriptions whose exits have no cause of their own: those by hand."""
    ids = {row.subscription_id for row in orders if row.leg == Leg.EXIT and row.exit_id is None}
    rows = StrategySubscription.objects.filter(pk__any_of=ids, is_by_hand=True)
    return set(rows.values_list("pk", flat=True)) if ids else set()


def _reason(order: OrderRow, posted: Posted) -> ExitReason:
    if order.exit_id is not None and order.leg == Leg.EXIT:
        return posted.causes[order.exit_id]
    if order.leg == Leg.EXIT and order.subscription_id in posted.by_hand:
        return ExitReason.MANUAL  # a ticket's: no signal of a strategy
    return reason_of(OrderType(order.order_type), Leg(order.leg))
