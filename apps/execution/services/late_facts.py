"""What is told of orders that a candle has reached which came late."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from apps.common import db
from apps.events import services as events
from apps.execution.rows import OrderRow
from apps.execution.services.orders import Step, write_steps
from trading.matching import Matched
from trading.orders import OrderStatus

CANDLE_CAME_LATE = "CANDLE_CAME_LATE"


class Outcome(StrEnum):
    """What came of it."""

    FILLED = "filled"  # as it would have been then
    TRIGGERED = "triggered"  # it rests as a limit from now on
    LEAVING = "leaving"  # no venue held it: the position is left at market, now


class Met(NamedTuple):
    order: OrderRow
    outcome: Outcome


def reached(orders: Sequence[OrderRow], matched: Matched) -> list[Met]:
    triggered = {
        report.client_order_id
        for report in matched.reports
        if report.status is OrderStatus.TRIGGERED
    }
    outcomes = {
        **dict.fromkeys(triggered, Outcome.TRIGGERED),
        **dict.fromkeys((fill.client_order_id for fill in matched.fills), Outcome.FILLED),
    }
    return [
        Met(order, outcomes[order.client_order_id])
        for order in orders
        if order.client_order_id in outcomes
    ]


@db.transaction_required
def tell(met: Sequence[Met], opened: datetime, now: datetime) -> None:
    """The owners, of the candle that opened then; before the orders change."""
    write_steps(
        [Step(order.id, order.status, order.status, CANDLE_CAME_LATE) for order, _ in met], now
    )
    events.record_many([_fact(each, opened, now) for each in met])


def _fact(met: Met, opened: datetime, now: datetime) -> events.Fact:
    order = met.order
    payload = {
        **order.named(),
        "leg": order.leg,
        "candle": opened.isoformat(),
        "outcome": met.outcome.value,
    }
    return events.Fact("order.met_late", order.user_id, now, payload)
