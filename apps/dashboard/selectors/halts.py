from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from apps.accounts.models import User
from apps.risk.models import KillSwitch
from apps.strategies.models import StrategySubscription
from trading.gates.values import TradingState

EFFECTS = {
    TradingState.REDUCING: "nothing new is opened",
    TradingState.HALTED: "nothing new is opened and entries on their way are cancelled",
    TradingState.LIQUIDATING: "nothing new is opened and every position is being closed",
}


@dataclass(frozen=True, slots=True)
class Halt:
    """A tripped switch that concerns the user, in words."""

    scope: str
    strategy: str | None
    state: TradingState
    reason: str
    tripped_by: str
    tripped_at: datetime

    @property
    def where(self) -> str:
        if self.scope == KillSwitch.Scope.STRATEGY:
            return f"Trading of {self.strategy} is stopped"
        if self.scope == KillSwitch.Scope.USER:
            return "Your trading is stopped"
        return "Trading is stopped on the whole platform"

    @property
    def effect(self) -> str:
        return EFFECTS[self.state]


def halts(user: User) -> list[Halt]:
    """The switches that stop this user's entries, strictest first; one query."""
    own = StrategySubscription.objects.of(user).values("version__strategy")
    concerned = Q(scope=KillSwitch.Scope.PLATFORM) | Q(user=user) | Q(strategy__in=own)
    tripped = KillSwitch.objects.filter(concerned, reset_at=None).order_by("-state", "id")
    return [
        Halt(scope, strategy, TradingState(state), reason, by, at)
        for scope, strategy, state, reason, by, at in tripped.values_list(
            "scope", "strategy__name", "state", "reason", "tripped_by", "tripped_at"
        )
    ]
