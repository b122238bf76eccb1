from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet, Value
from django.db.models.functions import Coalesce

from apps.accounts.models import User
from apps.brokers.models import BrokerAccount
from apps.risk.models import KillSwitch
from apps.strategies.models import StrategySubscription
from trading.gates.trigger_settings import CLEARS
from trading.gates.triggers import Clears
from trading.gates.values import TradingState

EFFECTS = {
    TradingState.REDUCING: "nothing new is opened",
    TradingState.HALTED: "nothing new is opened and entries on their way are cancelled",
    TradingState.LIQUIDATING: "nothing new is opened and every position is being closed",
}
WHERE = {
    KillSwitch.Scope.PLATFORM: "Trading is stopped on the whole platform",
    KillSwitch.Scope.VENUE: "Trading at {} is stopped",
    KillSwitch.Scope.INSTRUMENT: "Trading of {} is stopped",
    KillSwitch.Scope.STRATEGY: "Trading of {} is stopped",
    KillSwitch.Scope.USER: "Your trading is stopped",
    KillSwitch.Scope.ACCOUNT: "Trading on your account {} is stopped",
    KillSwitch.Scope.SUBSCRIPTION: "Your subscription to {} is stopped",
}
REAL_TIME = "real time"
# Who stops may always stop; to let trading go on takes a right of its own.
WHO_RESETS = "an operator of the platform with the right to reset switches"


@dataclass(frozen=True, slots=True)
class Halt:
    """A tripped switch that concerns the user, in words. `name` is of what it stops; `cause` is
    empty where a person tripped it.

    It ends by the clock of the venue named by `clock`, and was tripped at `market_time` of it; both
    are empty where it ends by the real one, by which the other times are told.
    """

    id: int
    scope: str
    name: str
    state: TradingState
    reason: str
    tripped_by: str
    tripped_at: datetime
    expires_at: datetime | None
    cause: str
    reset_at: datetime | None
    clock: str | None
    market_time: datetime | None

    @property
    def who(self) -> str:
        if not self.cause:
            return self.tripped_by
        return f"Automatically ({KillSwitch.Cause(self.cause).label.lower()})"

    @property
    def why(self) -> str:
        """The reason, for a sentence that goes on behind it."""
        return self.reason.strip().removesuffix(".")

    @property
    def since(self) -> datetime:
        return self.market_time or self.tripped_at

    @property
    def whose_time(self) -> str:
        return f"market time at {self.clock}" if self.clock else REAL_TIME

    @property
    def real_time(self) -> str:
        return REAL_TIME

    @property
    def clears(self) -> str:
        """By itself, where no moment says when; empty = a person resets it, or `expires_at`."""
        is_swan = self.cause == KillSwitch.Cause.BLACK_SWAN
        return CLEARS[Clears.WHEN_CALM] if is_swan else ""

    @property
    def where(self) -> str:
        return WHERE[KillSwitch.Scope(self.scope)].format(self.name)

    @property
    def who_resets(self) -> str:
        return WHO_RESETS

    @property
    def effect(self) -> str:
        return EFFECTS[self.state]


def halts(user: User) -> list[Halt]:
    """The switches that stop this user's entries, strictest first; one query."""
    own = StrategySubscription.objects.of(user)
    venues = BrokerAccount.objects.of(user).values("venue")
    concerned = (
        Q(scope=KillSwitch.Scope.PLATFORM)
        | Q(user=user)
        | Q(account__user=user)
        | Q(subscription__user=user)
        | Q(strategy__in=own.values("version__strategy"))
        | Q(venue__in=venues)
        | Q(instrument__venue__in=venues)
    )
    return halts_of(KillSwitch.objects.filter(concerned, reset_at=None))


def halts_of(switches: QuerySet[KillSwitch]) -> list[Halt]:
    """In words, strictest first; one query."""
    name = Coalesce(
        "strategy__name", "venue__name", "instrument__symbol", "account__name",
        "subscription__version__strategy__name", Value(""),
    )  # fmt: skip
    columns = (
        "id", "scope", "state", "reason", "tripped_by", "tripped_at", "expires_at", "cause",
        "reset_at", "clock__name", "market_time",
    )  # fmt: skip
    rows = switches.order_by("-state", "id").values_list(*columns, name)
    return [
        Halt(pk, scope, named, TradingState(state), *told)
        for pk, scope, state, *told, named in rows
    ]
