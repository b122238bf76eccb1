"""What a candle's fills do to an account: those of one pass together, as the platform records
them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from trading.backtest.book import ACCOUNT, Account, Closed, Placed
from trading.backtest.climbing import follow
from trading.candles import Candle
from trading.exits import ExitReason, reason_of
from trading.ledger import apply_fill
from trading.margin import liquidation_price
from trading.matching import Book, Matched, concerns, still_reserved
from trading.money import ZERO
from trading.orders import (
    ENDED,
    PROTECTIVE,
    FillReport,
    Leg,
    OrderReport,
    OrderStatus,
    OrderTicket,
    OrderType,
)
from trading.protection import beside, direction_of, grows_from
from trading.results import counted
from trading.signals import Direction, OffsetType

Pass = Callable[[Book, Candle], Matched]


def match(
    account: Account,
    candles: Mapping[int, Candle],
    kinds: frozenset[OrderType],
    run: Pass,
    now: datetime,
) -> bool:
    """Let the candles pass over the orders that work; whether an entry was filled."""
    opened = next(iter(candles.values())).open_time
    orders = [
        order
        for order in account.working.values()
        if order.instrument in candles
        and order.ticket.order_type in kinds
        and (order.ticket.active_from or opened) <= opened
    ]
    if not any(
        concerns(order.ticket, candles[order.instrument], account.rules[order.instrument])
        for order in orders
    ):
        return False
    passed, free = [], account.free_cash()
    by_instrument: dict[int, list[Placed]] = {}
    for order in sorted(orders, key=lambda order: order.number):
        by_instrument.setdefault(order.instrument, []).append(order)
    for instrument in sorted(by_instrument, key=lambda pk: account.rules[pk].symbol):
        book = account.at_the_venue(instrument, by_instrument[instrument], free)
        passed.append(run(book, candles[instrument]))
        free = book.free_cash[ACCOUNT]
    batch = _Batch(account, {order.ticket.client_order_id: order for order in orders})
    for fill in (fill for matched in passed for fill in matched.fills):
        batch.post(fill)
    batch.cover(now)
    batch.take_steps([report for matched in passed for report in matched.reports])
    batch.let_go()
    batch.carry_on({m.client_order_id: m.trigger_price for p in passed for m in p.moves}, now)
    return bool(batch.entered)


class _Entered(NamedTuple):
    entry: Placed
    quantity: Decimal
    opened_at: datetime
    average: Decimal


@dataclass(slots=True)
class _Batch:
    account: Account
    orders: Mapping[str, Placed]
    filled: dict[str, Decimal] = field(default_factory=dict)
    told: set[str] = field(default_factory=set)
    entered: dict[int, _Entered] = field(default_factory=dict)  # by decision
    flat: set[int] = field(default_factory=set)

    def post(self, fill: FillReport) -> None:
        account, order = self.account, self.orders[fill.client_order_id]
        before, day = account.position(order.instrument), fill.filled_at.date()
        applied = apply_fill(
            before, fill.side, fill.quantity, fill.price, fill.commission, fill.filled_at
        )
        rules = account.rules[order.instrument]
        applied, result = counted(before, applied, rules, day)
        account.positions[order.instrument] = applied.position
        account.cash += applied.cash
        account.add_realised(day, applied.realised - fill.commission)
        if result.counts:
            account.results.append(result)
        name = fill.client_order_id
        self.filled[name] = self.filled.get(name, ZERO) + fill.quantity
        if order.leg is Leg.ENTRY:
            first = self.entered.get(order.decision)
            opened_at = fill.filled_at if first is None else first.opened_at
            average = applied.position.cost / applied.position.quantity
            self.entered[order.decision] = _Entered(order, self.filled[name], opened_at, average)
        if applied.closed is not None:
            reason = reason_of(order.ticket.order_type, order.leg)
            if order.rung:
                reason = ExitReason.LADDER
            account.closed.append(Closed(order.instrument, applied.closed, reason))
            account.climbs.pop(order.instrument, None)
            self.flat.add(order.instrument)
        follow(account, order, fill.filled_at)

    def cover(self, now: datetime) -> None:
        """Exits grow with their entry, or are written with its first fill."""
        for item in self.entered.values():
            if item.entry.ticket.filled:
                self._raise(item, now)
            else:
                self._write(item, now)

    def _raise(self, item: _Entered, now: datetime) -> None:
        rules = self.account.rules[item.entry.instrument]
        for order in self.account.working.values():
            if order.decision != item.entry.decision or order.leg not in PROTECTIVE:
                continue
            trigger = order.ticket.trigger_price
            if order.leg is Leg.LIQUIDATION:
                trigger = liquidation_price(item.average, rules)
            order.ticket = replace(
                order.ticket,
                quantity=order.ticket.quantity + item.quantity,
                trigger_price=trigger,
                active_from=grows_from(order.leg, item.entry, order.ticket.active_from or now, now),
            )

    def _write(self, item: _Entered, now: datetime) -> None:
        entry, account = item.entry, self.account
        direction = direction_of(entry)
        for leg, active_from in beside(
            entry, item.average, account.rules[entry.instrument], item.opened_at, now,
            is_liquidated_by_us=direction is Direction.SHORT,
        ):  # fmt: skip
            number = account.next_number()
            ticket = OrderTicket(
                client_order_id=f"{number}",
                account=ACCOUNT,
                position=entry.instrument,
                side=leg.side,
                order_type=leg.order_type,
                quantity=item.quantity,
                limit_price=leg.limit_price,
                trigger_price=leg.trigger_price,
                reduce_only=True,
                oco_group=entry.ticket.client_order_id,
                trailing_offset=None if leg.trail is None else leg.trail.offset,
                trailing_offset_type=OffsetType.PRICE
                if leg.trail is None
                else leg.trail.offset_type,
                active_from=active_from,
            )
            account.place(Placed(number, ticket, leg.leg, entry.instrument, entry.decision))

    def take_steps(self, reports: Sequence[OrderReport]) -> None:
        for name, quantity in self.filled.items():
            order = self.orders[name]
            left = ZERO if order.ticket.takes_all else order.ticket.quantity - quantity
            if not left:
                self.account.end([name])
                continue
            if name in self.account.reserved:
                kept = self.account.reserved[name]
                self.account.reserved[name] = still_reserved(kept, left, order.ticket.quantity)
            order.ticket = replace(
                order.ticket,
                quantity=left,
                filled=order.ticket.filled + quantity,
                is_triggered=True,
            )
        for report in reports:
            self.told.add(report.client_order_id)
            order = self.orders[report.client_order_id]
            if report.status in ENDED:
                self.account.end([report.client_order_id])
            elif report.status is OrderStatus.TRIGGERED:
                order.ticket = replace(order.ticket, is_triggered=True)

    def let_go(self) -> None:
        """Of positions that were closed; what has turned one round in the same batch stays."""
        turned = {
            decision
            for decision, item in self.entered.items()
            if self.account.position(item.entry.instrument).quantity
        }
        self.account.end(
            name
            for name, order in self.account.working.items()
            if order.instrument in self.flat
            and order.decision not in turned
            and (order.ticket.reduce_only or (order.leg is Leg.ENTRY and order.ticket.filled))
        )

    def carry_on(self, triggers: Mapping[str, Decimal], now: datetime) -> None:
        """Whoever had this candle goes on with the next."""
        for name in triggers.keys() | self.filled.keys() | self.told:
            order = self.account.working.get(name)
            if order is not None:
                trigger = triggers.get(name, order.ticket.trigger_price)
                order.ticket = replace(order.ticket, trigger_price=trigger, active_from=now)
