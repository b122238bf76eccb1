"""What fills won or lost, for the limits on losses of subscriptions and accounts."""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from apps.common import db
from apps.execution.rows import OrderRow
from apps.execution.services import days
from apps.execution.services.days import Move
from apps.risk import services as risk
from apps.risk.services import AccountState
from trading.ledger import Applied, PositionState
from trading.money import ZERO
from trading.orders import FillReport
from trading.results import Result


@dataclass(slots=True)
class Results:
    """Of a batch of fills, gathered before anything is written."""

    realised: dict[date, dict[int, Decimal]] = field(default_factory=dict)  # by subscription
    of_accounts: dict[int, list[Result]] = field(default_factory=dict)
    moves: list[Move] = field(default_factory=list)
    by_hand: dict[risk.Closed, datetime] = field(default_factory=dict)

    def add(
        self,
        order: OrderRow,
        fill: FillReport,
        before: PositionState,
        applied: Applied,
        result: Result,
    ) -> None:
        day, after = result.day, applied.position
        of_day = self.realised.setdefault(day, {})
        net = applied.realised - fill.commission
        of_day[order.subscription_id] = of_day.get(order.subscription_id, ZERO) + net
        if result.counts:
            self.of_accounts.setdefault(order.account_id, []).append(result)
        place = (order.account_id, order.subscription_id, order.instrument_id)
        change = (after.quantity - before.quantity, after.cost - before.cost)
        self.moves.append(Move(*place, day, applied.cash, *change))

    def left_by_hand(self, order: OrderRow, at: datetime) -> None:
        """The whole position, or a part: it is not opened again so soon."""
        closed = risk.Closed(order.user_id, order.account_id, order.instrument_id, order.mode)
        self.by_hand[closed] = at


@db.transaction_required
def write(results: Results, states: dict[int, AccountState]) -> None:
    """`states`: of all the accounts, as their days have begun. The caller holds their locks."""
    for day, changes in sorted(results.realised.items()):
        risk.ensure_risk_states(list(changes), day)
        risk.add_realised(changes, day)
    if not results.moves:
        return
    before = dict(states)
    days.take_late(states, results.moves)
    for account, found in results.of_accounts.items():
        state = states[account]
        states[account] = state._replace(today=state.today.after_results(found))
    risk.write_account_states(state for pk, state in states.items() if state != before[pk])
    if results.by_hand:
        risk.cool_down(results.by_hand)
