from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import Count, Q, QuerySet

from apps.risk.models import TARGETS, Decision, KillSwitch, RiskState, VenueError
from apps.strategies.models import Run, StrategySubscription
from trading.account_days import midnight
from trading.candles import end_of_day
from trading.gates.values import TradingState
from trading.money import ZERO

ACTIVE = TradingState.ACTIVE
PLATFORM = KillSwitch.Scope.PLATFORM.value
# Where an order or a position says what it belongs to.
COLUMNS = {
    "venue": "instrument__venue_id",
    "instrument": "instrument_id",
    "strategy": "subscription__version__strategy_id",
    "user": "user_id",
    "account": "account_id",
    "subscription": "subscription_id",
}
Key = int | str | None


class Place(NamedTuple):
    """Where an order stands: what it would have to be stopped for."""

    venue: str
    instrument: int
    strategy: int
    user: int
    account: int
    subscription: int


@dataclass(frozen=True, slots=True)
class TradingStates:
    """The tripped switches, by scope and key. What holds for an order is the strictest of those
    that reach its place."""

    tripped: Mapping[tuple[str, Key], TradingState] = field(default_factory=dict)

    @property
    def platform(self) -> TradingState:
        return self.at(PLATFORM, None)

    @property
    def strictest(self) -> TradingState:
        """Of all that is tripped anywhere."""
        return max(self.tripped.values(), default=ACTIVE)

    def at(self, scope: str, key: Key) -> TradingState:
        """Of this scope alone, whatever else reaches it."""
        return self.tripped.get((scope, key), ACTIVE)

    def of(self, place: Place) -> TradingState:
        if not self.tripped:
            return ACTIVE
        keys = place._asdict().items()
        return max(self.platform, *(self.at(scope, key) for scope, key in keys))

    def stricter(self, switch: KillSwitch) -> "TradingStates":
        """With this one, as if it were tripped."""
        place = (switch.scope, switch.key)
        state = max(TradingState(switch.state), self.at(*place))
        return TradingStates({**self.tripped, place: state})

    def where(self, least: TradingState) -> Q:
        """The rows of orders or positions that are stopped at least so strictly."""
        keys: dict[str, list[Key]] = {}
        for (scope, key), state in self.tripped.items():
            if state >= least:
                keys.setdefault(scope, []).append(key)
        if PLATFORM in keys:
            return Q()
        reached = Q(pk__in=[])
        for scope, of_scope in keys.items():
            reached |= Q(**{f"{COLUMNS[scope]}__in": of_scope})
        return reached


def trading_states() -> TradingStates:
    """Every tripped switch, in one query."""
    tripped: dict[tuple[str, Key], TradingState] = {}
    rows = KillSwitch.objects.filter(reset_at=None)
    for scope, state, *columns in rows.values_list("scope", "state", *TARGETS):
        key = next((column for column in columns if column is not None), None)
        tripped[scope, key] = max(TradingState(state), tripped.get((scope, key), ACTIVE))
    return TradingStates(tripped)


def reach(switch: KillSwitch) -> Q:
    """The rows of orders or positions that the switch is for."""
    return Q() if switch.key is None else Q(**{COLUMNS[switch.scope]: switch.key})


def affected_users(switch: KillSwitch) -> int:
    """How many people have a running subscription that the switch stops."""
    columns = {
        "venue": "account__venue",
        "instrument": "version__instruments",
        "strategy": "version__strategy",
        "user": "user",
        "account": "account",
        "subscription": "pk",
    }
    running = StrategySubscription.objects.filter(ended_at=None)
    if switch.key is not None:
        running = running.filter(**{columns[switch.scope]: switch.key})
    return running.values("user").distinct().count()


def venue_errors(user_ids: Collection[int], at: datetime) -> dict[int, int]:
    """How many failed requests each has had in the window before `at`; who had none is absent."""
    window = timedelta(minutes=float(settings.AUTOMATIC["AUTOMATIC_API_ERRORS_MINUTES"]))
    rows = VenueError.objects.filter(
        user_id__any_of=set(user_ids), is_settled=False, happened_at__gt=at - window,
        happened_at__lte=at,
    ).values("user_id")  # fmt: skip
    return dict(rows.annotate(made=Count("id")).values_list("user_id", "made"))


def won_before_open(subscription_ids: list[int], day: date) -> dict[int, Decimal | None]:
    """What each has won since 00:00 before its open profit is added: what it realised, less the
    open profit with which the day began. None where that is not known.

    Locks the rows, in the order of their ids. The days of the accounts have begun: a row of an
    earlier day is of a subscription that held nothing at 00:00.
    """
    rows = (
        RiskState.objects.filter(subscription_id__any_of=subscription_ids)
        .order_by("id")
        .select_for_update()
        .values_list("subscription_id", "day", "realised_pnl", "open_at_midnight")
    )
    return {
        subscription: ZERO if row < day else None if opened is None else realised - opened
        for subscription, row, realised, opened in rows
    }


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
    mode: str = "",
    day: date | None = None,
) -> QuerySet[Decision]:
    """The user's receipts, with what their lines name. `day` is the venue's, in UTC."""
    rows: QuerySet[Decision] = Decision.objects.of(user)
    if outcome:
        rows = rows.filter(outcome=outcome)
    if code:
        rows = rows.filter(~Q(code=""), code=code)  # as the index of codes has it
    if symbol:
        rows = rows.filter(instrument__symbol=symbol)
    if subscription is not None:
        rows = rows.filter(subscription_id=subscription)
    if mode:
        rows = rows.filter(mode=mode)
    if day is not None:
        start = midnight(day)
        rows = rows.filter(decided_at__gte=start, decided_at__lt=end_of_day(start))
    return rows.select_related(
        "signal__run", "signal__version__strategy", "instrument__venue__marketclock", "account"
    )


def place_of(decision: Decision) -> Place:
    """Of a receipt with its instrument and the version of its signal."""
    return Place(
        decision.instrument.venue_id,
        decision.instrument_id,
        decision.signal.version.strategy_id,
        decision.user_id,
        decision.account_id,
        decision.subscription_id,
    )


def switches_at(place: Place, moment: datetime) -> QuerySet[KillSwitch]:
    """Those that reached the place at that moment of the wall clock, tripped then and not yet
    reset."""
    reached = Q(scope=PLATFORM)
    for scope, key in place._asdict().items():
        reached |= Q(**{scope: key})
    tripped = Q(tripped_at__lte=moment) & (Q(reset_at=None) | Q(reset_at__gt=moment))
    return KillSwitch.objects.filter(reached, tripped)
