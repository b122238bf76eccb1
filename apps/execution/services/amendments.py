"""What changes of an order while it works, besides its status. At the paper venue our rows are the
book, so a change of the row is the amendment; callers hold the locks of the accounts."""

from collections.abc import Mapping, Sequence, Set
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from apps.common import bulk, db
from apps.execution.models import Order
from apps.execution.rows import OrderRow, read_orders
from apps.execution.services.orders import Step, write_steps
from apps.execution.services.positions import Key, PositionRow
from trading.matching import Matched
from trading.money import ZERO
from trading.orders import ENDED, OPEN, PROTECTIVE, Leg
from trading.protection import grows_from

QUANTITY_RAISED = "QUANTITY_RAISED"
QUANTITY_FITTED = "QUANTITY_FITTED"
STOP_MOVED = "STOP_MOVED"


class Growth(NamedTuple):
    """What the exits of an entry are to cover more; `liquidation` is where a short's lies now."""

    entry: OrderRow
    quantity: Decimal
    liquidation: Decimal | None


@db.transaction_required
def raise_protection(by_entry: Mapping[str, Growth], now: datetime) -> None:
    """Let the exits of these entries, by name, cover so much more; those too that were written
    again."""
    if not by_entry:
        return
    entries = [grown.entry for grown in by_entry.values()]
    legs = read_orders(
        instrument_id__any_of={entry.instrument_id for entry in entries},
        account_id__any_of={entry.account_id for entry in entries},
        oco_group__any_of=list(by_entry),
        leg__in=sorted(PROTECTIVE),
        status__in=sorted(OPEN),
    )
    rows = []
    for leg in legs:
        grown = by_entry[leg.oco_group]
        active_from = grows_from(leg.leg, grown.entry, leg.active_from, now)
        trigger = grown.liquidation if leg.leg == Leg.LIQUIDATION else leg.trigger_price
        rows.append((leg.id, leg.quantity + grown.quantity, trigger, active_from))
    bulk.update_rows(Order, ("quantity", "trigger_price", "active_from"), rows)
    write_steps([Step(leg.id, leg.status, leg.status, QUANTITY_RAISED) for leg in legs], now)


@db.transaction_required
def fit_protection(positions: Mapping[Key, PositionRow], keys: Set[Key], now: datetime) -> int:
    """Let what stands beside these positions, none of them flat, cover exactly what is held of them
    by now; the number of orders that did not."""
    if not keys:
        return 0
    legs = read_orders(
        subscription_id__any_of={subscription for subscription, _ in keys},
        leg__in=sorted(PROTECTIVE),
        status__in=sorted(OPEN),
    )
    unfit = []
    for leg in legs:
        key = (leg.subscription_id, leg.instrument_id)
        if key in keys:
            quantity = leg.filled_quantity + abs(positions[key].state.quantity)
            if leg.quantity != quantity:
                unfit.append((leg, quantity))
    bulk.update_rows(Order, ("quantity",), [(leg.id, quantity) for leg, quantity in unfit])
    steps = [Step(leg.id, leg.status, leg.status, QUANTITY_FITTED) for leg, _ in unfit]
    write_steps(steps, now)
    return len(unfit)


@db.transaction_required
def move_stops(moved: Sequence[tuple[OrderRow, Decimal]], close_time: datetime) -> None:
    """Let these stops stand at other triggers from the next candle on: the one that has closed,
    taken through again, is not to reach them."""
    rows = [(order.id, trigger, close_time) for order, trigger in moved]
    bulk.update_rows(Order, ("trigger_price", "active_from"), rows)
    write_steps(
        [Step(order.id, order.status, order.status, STOP_MOVED) for order, _ in moved], close_time
    )


@db.transaction_required
def carry_on(orders: Sequence[OrderRow], matched: Matched, close_time: datetime) -> None:
    """What this candle did to an order without ending it holds from the next candle on: trailing
    triggers, and orders that were triggered or filled in part. So whoever takes the candle through
    again finds that they have had it.
    """
    triggers = {moved.client_order_id: moved.trigger_price for moved in matched.moves}
    filled = {fill.client_order_id: fill.quantity for fill in matched.fills}
    told = {report.client_order_id: report.status for report in matched.reports}
    rows = []
    for order in orders:
        name = order.client_order_id
        has_had_it = name in triggers or name in filled or name in told
        is_done = told.get(name) in ENDED or (
            order.filled_quantity + filled.get(name, ZERO) >= order.quantity
        )
        if has_had_it and not is_done:
            rows.append((order.id, triggers.get(name, order.trigger_price), close_time))
    bulk.update_rows(Order, ("trigger_price", "active_from"), rows)
