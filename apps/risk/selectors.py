from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, QuerySet

from apps.risk.models import Decision, KillSwitch, RiskState
from apps.strategies.models import Run
from trading.gates.values import TradingState
from trading.money import ZERO


@dataclass(frozen=True, slots=True)
class TradingStates:
    """The tripped switches. What holds for an order is the strictest of platform, user,
    strategy."""

    platform: TradingState = TradingState.ACTIVE
    users: Mapping[int, TradingState] = field(default_factory=dict)
    strategies: Mapping[int, TradingState] = field(default_factory=dict)

    @property
    def strictest(self) -> TradingState:
        """Of all that is tripped anywhere."""
        return max((self.platform, *self.users.values(), *self.strategies.values()))

    def of(self, user_id: int, strategy_id: int) -> TradingState:
        active = TradingState.ACTIVE
        return max(
            self.platform,
            self.users.get(user_id, active),
            self.strategies.get(strategy_id, active),
        )


def trading_states() -> TradingStates:
    """Every tripped switch, in one query."""
    platform = TradingState.ACTIVE
    users: dict[int, TradingState] = {}
    strategies: dict[int, TradingState] = {}
    tripped = KillSwitch.objects.filter(reset_at=None)
    for user_id, strategy_id, state in tripped.values_list("user_id", "strategy_id", "state"):
        if user_id is not None:
            users[user_id] = TradingState(state)
        elif strategy_id is not None:
            strategies[strategy_id] = TradingState(state)
        else:
            platform = TradingState(state)
    return TradingStates(platform, users, strategies)


def realised_today(subscription_ids: list[int], day: date) -> dict[int, Decimal]:
    """Locks the rows, in the order of their ids, and returns the day's realised result of each."""
    rows = (
        RiskState.objects.filter(subscription_id__any_of=subscription_ids)
        .order_by("id")
        .select_for_update()
        .values_list("subscription_id", "day", "realised_pnl")
    )
    return {subscription: pnl if row == day else ZERO for subscription, row, pnl in rows}


def decisions_by_run(runs: Sequence[Run]) -> dict[int, int]:
    """How many decisions each run's signals have."""
    rows = Decision.objects.filter(signal__run__in=runs).values("signal__run_id")
    return dict(rows.annotate(made=Count("id")).values_list("signal__run_id", "made"))


def decisions(
    user: Any,
    *,
    outcome: str = "",
    code: str = "",
    symbol: str = "",
    subscription: int | None = None,
) -> QuerySet[Decision]:
    """The user's receipts, with what their lines name."""
    rows: QuerySet[Decision] = Decision.objects.of(user)
    if outcome:
        rows = rows.filter(outcome=outcome)
    if code:
        rows = rows.filter(code=code)
    if symbol:
        rows = rows.filter(instrument__symbol=symbol)
    if subscription is not None:
        rows = rows.filter(subscription_id=subscription)
    return rows.select_related("signal__version__strategy", "instrument")
