"""Which entries are not sent after all, and why. What leaves or protects is sent in every state,
however late, and is never asked about here."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from apps.execution.rows import OrderRow
from apps.risk import selectors as risk
from apps.risk.selectors import TradingStates
from apps.strategies.models import StrategySubscription
from trading.gates.codes import GateCode
from trading.gates.values import TradingState
from trading.orders import OrderStatus

TRADING_HALTED = GateCode.TRADING_HALTED.value
TRADING_REDUCING = GateCode.TRADING_REDUCING.value
STALE = "STALE"


def refusals(
    entries: Sequence[OrderRow], states: TradingStates, venue: str, oldest: datetime
) -> dict[int, tuple[OrderStatus, str]]:
    """How those end that are not sent, by order. One that may be filled from before `oldest` on
    has missed its candle."""
    strategy_of = _strategies(entries)
    found: dict[int, tuple[OrderStatus, str]] = {}
    for order in entries:
        place = risk.Place(
            venue=venue,
            instrument=order.instrument_id,
            strategy=strategy_of[order.subscription_id],
            user=order.user_id,
            account=order.account_id,
            subscription=order.subscription_id,
        )
        state = states.of(place)
        if state is TradingState.REDUCING:
            found[order.id] = OrderStatus.CANCELED, TRADING_REDUCING
        elif state is not TradingState.ACTIVE:
            found[order.id] = OrderStatus.CANCELED, TRADING_HALTED
        elif order.active_from < oldest:
            found[order.id] = OrderStatus.EXPIRED, STALE
    return found


def _strategies(orders: Iterable[OrderRow]) -> dict[int, int]:
    subscriptions = StrategySubscription.objects.filter(
        pk__any_of={order.subscription_id for order in orders}
    )
    return dict(subscriptions.values_list("pk", "version__strategy_id"))
