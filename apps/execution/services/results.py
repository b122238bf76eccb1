"""What fills won or lost, for the limits on losses of subscriptions and accounts."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal

from apps.common import db
from apps.execution.services.books import FillRow, TradeRow
from apps.risk import services as risk
from trading.exits import ExitReason
from trading.money import ZERO


@db.transaction_required
def add_realised(fills: Sequence[FillRow], realised: Mapping[int, Decimal]) -> None:
    """`realised`: what each subscription's fills came to, after fees."""
    left = dict(realised)
    by_day: dict[date, dict[int, Decimal]] = {}
    for row in fills:
        by_day.setdefault(row.filled_at.date(), {})[row.subscription_id] = ZERO
    for day, subscriptions in sorted(by_day.items()):
        changes = {pk: left.pop(pk, ZERO) for pk in subscriptions}
        risk.ensure_risk_states(list(changes), day)
        risk.add_realised(changes, day)


@db.transaction_required
def add_trades(trades: Sequence[TradeRow]) -> None:
    """Round trips that have ended. What was closed by hand is not opened again so soon."""
    results: dict[int, list[tuple[date, Decimal]]] = {}
    by_hand: dict[risk.Closed, datetime] = {}
    for trade in trades:
        results.setdefault(trade.account_id, []).append((trade.closed_at.date(), trade.pnl))
        if trade.exit_reason == ExitReason.MANUAL:
            closed = risk.Closed(trade.user_id, trade.account_id, trade.instrument_id, trade.mode)
            by_hand[closed] = trade.closed_at
    risk.add_trades(results)
    if by_hand:
        risk.cool_down(by_hand)
