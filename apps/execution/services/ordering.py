"""The orders of decisions that were answered with one."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from apps.common import bulk
from apps.execution.models import Order
from apps.execution.rows import OrderRow, new_order
from apps.execution.services import reservations
from apps.execution.services.cancelling import Entering, Key, stop_entering, withdraw
from apps.execution.services.leaving import A_SIGNAL, cool_down, left_from, want_too
from apps.execution.services.orders import write_orders
from apps.execution.services.placing import Terms, columns_of
from apps.risk import services as risk
from trading.decisions import withdrawn
from trading.gates.codes import GateCode
from trading.gates.values import Outcome
from trading.money import ZERO
from trading.orders import Leg, client_order_id


def write_orders_of(
    decided: Sequence[tuple[int, risk.Judged]],
    terms: Mapping[int, Terms],
    close_time: datetime,
) -> None:
    """For those that were answered with one, what enters beside it is stopped; what is to leave
    while a switch closes it is left though the switch be reset."""
    ordered = [(pk, item) for pk, item in decided if item.answer.outcome is Outcome.ORDERED]
    ids = bulk.take_ids(Order, len(ordered))
    begins = _begins([item for _, item in ordered], close_time)
    orders = [
        _order(order_id, pk, item, terms[item.signal_id], active_from)
        for order_id, (pk, item), active_from in zip(ids, ordered, begins, strict=True)
    ]
    leaving = [order for order in orders if order.leg == Leg.EXIT]
    stop_entering(((order.subscription_id, order.instrument_id) for order in leaving), close_time)
    withdraw((unwanted for _, item in decided if (unwanted := _unwanted(item))), close_time)
    want_too((key for _, item in decided if (key := _left_already(item))), A_SIGNAL)
    write_orders(orders)
    cool_down(_typed_exits(orders, ordered), close_time)
    reservations.reserve(
        [
            (order.user_id, order.account_id, order.id, order.mode, item.question.asked.rules.quote,
             item.answer.intent.cost)
            for order, (_, item) in zip(orders, ordered, strict=True)
            if item.answer.intent.cost
        ]
    )  # fmt: skip


def _unwanted(item: risk.Judged) -> Entering | None:
    side = withdrawn(item.question, item.answer)
    return None if side is None else (item.subscription_id, item.instrument_id, side)


def _typed_exits(
    orders: Sequence[OrderRow], ordered: Sequence[tuple[int, risk.Judged]]
) -> Iterator[OrderRow]:
    for order, (_, item) in zip(orders, ordered, strict=True):
        if order.leg == Leg.EXIT and item.question.is_typed:
            yield order


def _begins(ordered: Sequence[risk.Judged], close_time: datetime) -> list[datetime]:
    """From when on each may fill. What turns a position fills with the exit of that, which somebody
    may have written into the candle that is running."""
    turning = [item.question.snapshot.turns(item.question.asked.action) for item in ordered]
    keys = [(item.subscription_id, item.instrument_id) for item in ordered]
    left = left_from({key for key, turns in zip(keys, turning, strict=True) if turns})
    return [max(close_time, left.get(key, close_time)) for key in keys]


def _left_already(item: risk.Judged) -> Key | None:
    """The position that this was to leave whole, and of which an exit is on its way."""
    if item.answer.code != GateCode.EXIT_ALREADY_WORKING:
        return None
    held, wanted = abs(item.question.snapshot.position_quantity or ZERO), item.question.wanted
    is_whole = wanted is None or wanted >= held
    return (item.subscription_id, item.instrument_id) if is_whole else None


def _order(
    order_id: int,
    decision_id: int,
    item: risk.Judged,
    terms: Terms,
    active_from: datetime,
) -> OrderRow:
    action = item.question.asked.action
    leg = Leg.ENTRY if action.is_entry else Leg.EXIT
    return new_order(
        id=order_id,
        user_id=item.user_id,
        account_id=item.account_id,
        subscription_id=item.subscription_id,
        instrument_id=item.instrument_id,
        decision_id=decision_id,
        leg=leg.value,
        mode=item.mode,
        client_order_id=client_order_id(f"decision:{decision_id}", leg),
        side=action.side.value,
        quantity=item.answer.intent.quantity,
        **columns_of(terms),
        reduce_only=not action.is_entry,
        active_from=active_from,
    )
