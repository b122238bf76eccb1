"""The stop and the target of a position, and of a short where the venue closes it, from the first
fill of its entry on: they grow with it."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from apps.common import db
from apps.common.models import Mode
from apps.execution.rows import OrderRow, new_order
from apps.execution.services.amendments import Growth, raise_protection
from apps.execution.services.orders import write_orders
from apps.market.declared import without_stops
from trading.instruments import InstrumentRules
from trading.margin import liquidation_price
from trading.money import ZERO
from trading.orders import PROTECTIVE, Leg, client_order_id
from trading.protection import beside, direction_of
from trading.signals import Direction


class Entered(NamedTuple):
    """What an entry has filled in one batch of fills; `average` is the position's entry price."""

    entry: OrderRow
    quantity: Decimal
    opened_at: datetime
    average: Decimal


def growth(item: Entered | None) -> Decimal:
    """How much more the exits of an entry are to cover; nothing where they are yet to be
    written."""
    return item.quantity if item is not None and item.entry.filled_quantity else ZERO


@db.transaction_required
def cover(
    entered: Mapping[str, Entered], rules: Mapping[int, InstrumentRules], now: datetime
) -> None:
    """Raise the exits of entries that had traded before; write those of the others. `entered` is by
    the entry's name."""
    grown = {
        name: Growth(item.entry, growth(item), _liquidation(item, rules[item.entry.instrument_id]))
        for name, item in entered.items()
        if growth(item)
    }
    raise_protection(grown, now)
    fresh = [item for name, item in entered.items() if name not in grown]
    ours = without_stops({item.entry.instrument_id for item in fresh}) if fresh else set()
    write_orders(
        [
            leg._replace(held_by_us=leg.leg == Leg.STOP and leg.instrument_id in ours)
            for item in fresh
            for leg in _legs(item, rules[item.entry.instrument_id], now)
        ]
    )


def _legs(item: Entered, rules: InstrumentRules, now: datetime) -> Iterable[OrderRow]:
    """The exits of a position that has just been opened, as one-cancels-other. Where the venue
    holds no stops, the stop is held by us."""
    entry = item.entry
    # At a real venue a liquidation is the venue's own doing, and no order of ours.
    is_paper = entry.mode == Mode.PAPER
    for leg, active_from in beside(
        entry, item.average, rules, item.opened_at, now, is_liquidated_by_us=is_paper
    ):
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
            quantity=item.quantity,
            limit_price=leg.limit_price,
            trigger_price=leg.trigger_price,
            trailing_offset=None if leg.trail is None else leg.trail.offset,
            trailing_offset_type="" if leg.trail is None else leg.trail.offset_type.value,
            reduce_only=True,
            oco_group=entry.client_order_id,
            active_from=active_from,
        )


def _liquidation(item: Entered, rules: InstrumentRules) -> Decimal | None:
    is_short = direction_of(item.entry) is Direction.SHORT
    return liquidation_price(item.average, rules) if is_short else None


def is_protection(order: OrderRow) -> bool:
    return order.leg in PROTECTIVE
