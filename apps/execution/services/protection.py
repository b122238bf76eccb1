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
from trading.exits import ProtectiveLeg, liquidation_leg, protective_legs
from trading.instruments import InstrumentRules
from trading.margin import liquidation_price
from trading.money import ZERO
from trading.orders import PROTECTIVE, Leg, OrderType, client_order_id
from trading.signals import Direction, ExitPlan, OffsetType, Trail


class Entered(NamedTuple):
    """What an entry has filled in one batch of fills; `average` is the position's entry price."""

    entry: OrderRow
    quantity: Decimal
    opened_at: datetime
    average: Decimal

    @property
    def direction(self) -> Direction:
        return Direction.LONG if self.entry.side == "buy" else Direction.SHORT


def growth(item: Entered | None) -> Decimal:
    """How much more the exits of an entry are to cover; nothing where they are yet to be
    written."""
    return item.quantity if item is not None and item.entry.filled_quantity else ZERO


@db.transaction_required
def cover(
    entered: Mapping[int, Entered], rules: Mapping[int, InstrumentRules], now: datetime
) -> None:
    """Raise the exits of entries that had traded before; write those of the others. `entered` is by
    decision."""
    inside = {pk for pk, item in entered.items() if item.entry.order_type != OrderType.MARKET}
    grown = {
        pk: Growth(growth(item), _liquidation(item, rules[item.entry.instrument_id]))
        for pk, item in entered.items()
        if growth(item)
    }
    raise_protection(grown, inside, now)
    fresh = [item for pk, item in entered.items() if pk not in grown]
    write_orders(
        [leg for item in fresh for leg in _legs(item, rules[item.entry.instrument_id], now)]
    )


def _legs(item: Entered, rules: InstrumentRules, now: datetime) -> Iterable[OrderRow]:
    """The exits of a position that has just been opened, as one-cancels-other."""
    entry, direction = item.entry, item.direction
    legs = protective_legs(_plan(entry, direction, rules), direction)
    # At a real venue it is the venue's own doing, and no order of ours.
    if direction is Direction.SHORT and entry.mode == Mode.PAPER:
        legs = (*legs, liquidation_leg(item.average, rules))
    for leg in legs:
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
            active_from=_first_reached(leg, item, now),
        )


def _first_reached(leg: ProtectiveLeg, item: Entered, now: datetime) -> datetime:
    """When the first candle opens that may reach this exit.

    Of an entry at market: the candle that opened with it. Where the entry filled somewhere inside
    a candle, that candle may reach its stop, which is taken to have come after; the others begin
    with the next.
    """
    is_plain_stop = leg.leg is not Leg.TARGET and leg.trail is None
    is_at_open = item.entry.order_type == OrderType.MARKET
    return item.opened_at if is_at_open or is_plain_stop else now


def _plan(entry: OrderRow, direction: Direction, rules: InstrumentRules) -> ExitPlan:
    # A stop is rounded towards the entry: it never loses more than the size was meant for. The
    # limit of a stop is rounded away from it: it does not refuse what it was to take.
    is_long = direction is Direction.LONG
    nearer = rules.price_up if is_long else rules.price_down
    farther = rules.price_down if is_long else rules.price_up
    trail = None
    if entry.stop_trailing_offset is not None:
        trail = Trail(entry.stop_trailing_offset, OffsetType(entry.stop_trailing_offset_type))
    limit = entry.stop_limit_price
    return ExitPlan(
        stop_price=None if entry.stop_price is None else nearer(entry.stop_price),
        target_price=None if entry.target_price is None else nearer(entry.target_price),
        stop_limit_price=None if limit is None else max(farther(limit), rules.price_increment),
        trail=trail,
    )


def _liquidation(item: Entered, rules: InstrumentRules) -> Decimal | None:
    is_short = item.direction is Direction.SHORT
    return liquidation_price(item.average, rules) if is_short else None


def is_protection(order: OrderRow) -> bool:
    return order.leg in PROTECTIVE
