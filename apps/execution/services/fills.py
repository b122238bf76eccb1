"""Steps 7 and 8: fills move positions, money and risk in one transaction, whoever reports them."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from apps.common import db, metrics
from apps.events import services as events
from apps.execution.models import Fill
from apps.execution.rows import OrderRow, new_order, read_orders
from apps.execution.services import books, reservations
from apps.execution.services.orders import Step, take_steps, write_orders
from apps.execution.services.positions import PositionRow, read_positions, write_positions
from apps.risk import services as risk
from trading import ledger
from trading.exits import ExitReason, protective_legs
from trading.gates.values import text
from trading.instruments import InstrumentRules
from trading.money import ZERO
from trading.orders import (
    ENDED,
    OPEN,
    FillReport,
    Leg,
    OrderReport,
    OrderStatus,
    client_order_id,
    status_after_fill,
)
from trading.signals import Direction, ExitPlan

POSITION_CLOSED = "POSITION_CLOSED"


@dataclass(slots=True)
class Posted:
    """What a batch of fills comes to, gathered before anything is written."""

    fills: list[books.FillRow] = field(default_factory=list)
    journal: list[books.Entry] = field(default_factory=list)
    trades: list[books.TradeRow] = field(default_factory=list)
    filled: dict[int, Step] = field(default_factory=dict)  # by order: several fills make one step
    told: list[Step] = field(default_factory=list)
    legs: list[OrderRow] = field(default_factory=list)
    facts: list[events.Fact] = field(default_factory=list)
    realised: dict[int, Decimal] = field(default_factory=dict)
    flat: set[tuple[int, int]] = field(default_factory=set)


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
    positions = read_positions({by_name[fill.client_order_id].subscription_id for fill in fresh})
    posted = Posted()
    for fill in fresh:
        order = by_name[fill.client_order_id]
        _post(posted, order, fill, positions, rules[order.instrument_id])
    posted.told.extend(_told(reports, by_name, posted.filled))
    _write(posted, positions, now)
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
    applied = ledger.apply_fill(
        position.state, fill.side, fill.quantity, fill.price, fill.commission, fill.filled_at
    )
    position = position.after(applied)
    positions[key] = position
    row = books.FillRow.of(order, fill)
    posted.fills.append(row)
    posted.journal.append(books.Entry(order, fill, rules.quote, applied.postings))
    before = posted.filled.get(order.id)
    filled = fill.quantity if before is None else before.filled + fill.quantity
    status = status_after_fill(order.quantity, order.filled_quantity + filled)
    posted.filled[order.id] = Step(order.id, order.status, status, "", filled)
    net = applied.realised - fill.commission
    posted.realised[order.subscription_id] = posted.realised.get(order.subscription_id, ZERO) + net
    if order.leg == Leg.ENTRY and status is OrderStatus.FILLED:
        posted.legs.extend(_protection(order, order.quantity, fill.filled_at, rules))
    if applied.closed is not None:
        reason = _reason(order)
        posted.trades.append(books.TradeRow.of(position, order, applied.closed, reason))
        posted.flat.add(key)
    posted.facts.append(_fact(order, fill, position, applied))


def _write(posted: Posted, positions: dict[tuple[int, int], PositionRow], now: datetime) -> None:
    changed = take_steps(list(posted.filled.values()), now) | take_steps(posted.told, now)
    fill_ids = books.write_fills(posted.fills)
    books.write_journal(posted.journal, fill_ids)
    ids = write_positions(positions.values())
    books.write_trades(posted.trades, ids)
    write_orders(posted.legs)
    steps = (*posted.filled.values(), *posted.told)
    ended = [step.order_id for step in steps if OrderStatus(step.new) in ENDED]
    reservations.release([pk for pk in ended if pk in changed], now)
    _cancel_what_protected(posted.flat, now)
    _add_realised(posted)
    events.record_many(posted.facts)
    counts = Counter(row.mode for row in posted.fills)
    transaction.on_commit(lambda: _count(counts))


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
    """What was reported beside fills. An order that filled in the same batch goes on from there."""
    for report in reports:
        order = by_name[report.client_order_id]
        old = filled[order.id].new if order.id in filled else order.status
        if OrderStatus(old) not in ENDED:
            yield Step(order.id, old, report.status, report.code)


def _protection(
    entry: OrderRow, quantity: Decimal, opened_at: datetime, rules: InstrumentRules
) -> Iterable[OrderRow]:
    """The stop and the target of a position that has just been opened, as one-cancels-other."""
    direction = Direction.LONG if entry.side == "buy" else Direction.SHORT
    # A stop is rounded towards the entry: it never loses more than the size was meant for.
    nearer = rules.price_up if direction is Direction.LONG else rules.price_down
    plan = ExitPlan(
        stop_price=None if entry.stop_price is None else nearer(entry.stop_price),
        target_price=None if entry.target_price is None else nearer(entry.target_price),
    )
    for leg in protective_legs(plan, direction):
        yield new_order(
            user_id=entry.user_id,
            account_id=entry.account_id,
            subscription_id=entry.subscription_id,
            instrument_id=entry.instrument_id,
            decision_id=entry.decision_id,
            exit_id=entry.exit_id,
            leg=leg.leg.value,
            mode=entry.mode,
            client_order_id=client_order_id(f"decision:{entry.decision_id}", leg.leg),
            side=leg.side.value,
            order_type=leg.order_type.value,
            quantity=quantity,
            limit_price=leg.limit_price,
            trigger_price=leg.trigger_price,
            reduce_only=True,
            oco_group=entry.client_order_id,
            active_from=opened_at,
        )


def _cancel_what_protected(flat: set[tuple[int, int]], now: datetime) -> None:
    """Orders that were to reduce a position which is closed now have nothing left to do."""
    if not flat:
        return
    orders = read_orders(
        subscription_id__any_of={subscription for subscription, _ in flat},
        reduce_only=True,
        status__in=sorted(OPEN),
    )
    take_steps(
        [
            Step(order.id, order.status, OrderStatus.CANCELED, POSITION_CLOSED)
            for order in orders
            if (order.subscription_id, order.instrument_id) in flat
        ],
        now,
    )


def _add_realised(posted: Posted) -> None:
    by_day: dict[date, dict[int, Decimal]] = {}
    for row, entry in zip(posted.fills, posted.journal, strict=True):
        by_day.setdefault(row.filled_at.date(), {})[entry.order.subscription_id] = ZERO
    for day, subscriptions in sorted(by_day.items()):
        changes = {pk: posted.realised.pop(pk, ZERO) for pk in subscriptions}
        risk.ensure_risk_states(list(changes), day)
        risk.add_realised(changes, day)


def _reason(order: OrderRow) -> ExitReason:
    if order.leg == Leg.STOP:
        return ExitReason.STOP
    if order.leg == Leg.TARGET:
        return ExitReason.TARGET
    return ExitReason.SIGNAL if order.decision_id is not None else ExitReason.LIQUIDATION


def _fact(
    order: OrderRow, fill: FillReport, position: PositionRow, applied: ledger.Applied
) -> events.Fact:
    closed = applied.closed
    payload: dict[str, object] = {
        "order": order.client_order_id,
        "account": order.account_id,
        "subscription": order.subscription_id,
        "instrument": order.instrument_id,
        "mode": order.mode,
        "leg": order.leg,
        "side": fill.side.value,
        "quantity": text(fill.quantity),
        "price": text(fill.price),
        "commission": text(fill.commission),
        "cash": text(applied.cash),  # by how much it changes the account's
        "position": {"quantity": text(position.state.quantity), "cost": text(position.state.cost)},
        "pnl": None if closed is None else text(closed.pnl),
    }
    return events.Fact("fill.recorded", order.user_id, fill.filled_at, payload)
