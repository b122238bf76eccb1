"""What is told of a fill."""

from apps.events import services as events
from apps.execution.rows import OrderRow
from apps.execution.services.positions import PositionRow
from trading import ledger
from trading.gates.values import text
from trading.orders import FillReport


def fact(
    order: OrderRow, fill: FillReport, position: PositionRow, applied: ledger.Applied
) -> events.Fact:
    closed = applied.closed
    payload = {
        **order.named(),
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
