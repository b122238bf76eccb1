"""The facts of one chunk of subscriptions, read once under the locks, and kept true in memory while
its decisions are made, one after the other.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from django.db.models import F
from django.db.models.functions import Coalesce

from apps.common import db
from apps.common.models import Mode
from apps.execution.models import Order
from apps.execution.services.accounts import free_cash, lock_people
from apps.execution.services.people import People
from apps.execution.services.repetitions import Repetitions, repetitions
from apps.execution.services.rooms import Stakes, read_rooms, read_stakes
from apps.market.models import Instrument
from apps.risk import selectors as risk
from apps.risk import services as risk_services
from apps.risk.limits import OwnLimits
from apps.risk.models import Decision
from apps.risk.services import AccountState
from apps.strategies.models import Signal, StrategySubscription, StrategyVersion
from trading.gates.bounds import Bounds, Source, bounds_of
from trading.gates.execution_mode import ExecutionMode
from trading.gates.risk_facts import NOT_PROVIDED, Told
from trading.gates.values import Limits, TradingState
from trading.money import ZERO
from trading.orders import OPEN, Leg
from trading.rooms import Room
from trading.signals import Side
from trading.sizing import SizingPolicy
from trading.standing import Holding, Standing
from trading.strategies import REGISTRY

NOT_KNOWN = Decimal("NaN")


class SubscriptionRow(NamedTuple):
    """A subscription with its settings resolved: its own, or else its version's."""

    id: int
    user_id: int
    account_id: int
    mode: str
    currency: str
    is_paused: bool
    ended_at: datetime | None
    instrument_ids: list[int] | None
    capital: Decimal
    risk_per_trade: Decimal
    leverage: Decimal
    max_positions: int
    max_daily_loss: Decimal
    sizing: str
    execution: str
    is_by_hand: bool

    def limits(self, warmup_candles: int, bounds: Bounds, equity: Told[Decimal]) -> Limits:
        """By hand all of the account's equity is there to be used; where that is not known, no
        number is."""
        capital = self.capital
        if self.is_by_hand:
            capital = NOT_KNOWN if equity is None or equity is NOT_PROVIDED else equity
        return Limits(
            capital, self.risk_per_trade, self.leverage, self.max_positions,
            self.max_daily_loss, warmup_candles, SizingPolicy(self.sizing), bounds,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Subscriber:
    """One subscription; how it stands changes as it is decided about."""

    id: int
    user_id: int
    account_id: int
    mode: str
    instrument_ids: set[int] | None
    own: OwnLimits
    standing: Standing
    execution: ExecutionMode = ExecutionMode.AUTOMATIC

    def trades(self, instrument: Instrument) -> bool:
        """Whether the subscription and the person's own limits let it."""
        is_chosen = self.instrument_ids is None or instrument.pk in self.instrument_ids
        return is_chosen and self.own.allows(instrument.symbol)


@dataclass(slots=True)
class Facts:
    """`free_cash`, `rooms` and `states` are by account; the first two change as orders are
    written."""

    subscribers: Sequence[Subscriber]
    free_cash: dict[int, Decimal]
    rooms: Mapping[int, Room]
    states: Mapping[int, AccountState]
    switches: risk.TradingStates
    decided: set[tuple[int, int]]
    repetitions: Repetitions

    def state_of(self, subscriber: Subscriber, signal: Signal) -> TradingState:
        place = risk.Place(
            venue=signal.instrument.venue_id,
            instrument=signal.instrument_id,
            strategy=signal.version.strategy_id,
            user=subscriber.user_id,
            account=subscriber.account_id,
            subscription=subscriber.id,
        )
        return self.switches.of(place)


@db.transaction_required
def read_facts(
    version: StrategyVersion,
    subscription_ids: Sequence[int],
    signals: Sequence[Signal],
    close_time: datetime,
    now: datetime,
) -> Facts:
    """Lock the accounts of the people and the risk states of the chunk, then read all that is
    needed, each in one query. `now` is the wall's clock."""
    ids = list(subscription_ids)
    lock_people(row.user_id for row in _subscriptions(ids))
    risk_services.ensure_risk_states(ids, close_time.date())
    realised = risk.realised_today(ids, close_time.date())
    rows = _subscriptions(ids)  # again, under the lock: a pause in between wins
    people = People.read(((row.user_id, row.mode) for row in rows), now)
    access = {row.account_id: people.access(row.user_id, row.mode, close_time) for row in rows}
    stakes = read_stakes(access.keys(), close_time)
    rooms, states = read_rooms(stakes, access, close_time)
    holdings, unrealised, in_use = _holdings(ids, stakes), stakes.unrealised(), stakes.in_use()
    built_in = REGISTRY.get(version.strategy.code)  # what is ordered by hand has no code
    most_exposed = None if built_in is None else built_in.most_exposed
    strategy = bounds_of(Source.STRATEGY, strategy_share=most_exposed)
    subscribers = [
        Subscriber(
            id=row.id,
            user_id=row.user_id,
            account_id=row.account_id,
            mode=row.mode,
            instrument_ids=None if row.instrument_ids is None else {*row.instrument_ids},
            own=people.own(row.user_id, row.mode),
            standing=Standing(
                is_running=not row.is_paused and row.ended_at is None,
                currency=row.currency,
                limits=row.limits(
                    version.warmup_candles,
                    people.bounds(row.user_id, row.mode, rooms[row.account_id].account, strategy),
                    rooms[row.account_id].account.equity,
                ),
                day_pnl=_sum(realised.get(row.id), unrealised.get(row.id, ZERO)),
                in_use=in_use.get(row.id, ZERO),
                holdings=holdings.get(row.id, {}),
            ),
            execution=ExecutionMode(row.execution),
        )
        for row in rows
    ]
    return Facts(
        subscribers=subscribers,
        free_cash=free_cash(access),
        rooms=rooms,
        states=states,
        switches=risk.trading_states(),
        decided=_decided(ids, signals),
        repetitions=repetitions(signals, {row.user_id for row in rows}, now),
    )


@db.transaction_required
def count_entries(facts: Facts) -> None:
    """Keep how many entries were ordered: they are the trades of the day."""
    ordered = ((pk, room.ordered) for pk, room in facts.rooms.items() if room.ordered)
    risk_services.write_account_states(
        facts.states[pk]._replace(today=facts.states[pk].today.after_entries(count))
        for pk, count in ordered
    )


def _subscriptions(ids: Sequence[int]) -> list[SubscriptionRow]:
    """By user and id."""
    settings = ("capital", "risk_per_trade", "leverage", "max_positions", "max_daily_loss")
    resolved = {f"its_{name}": Coalesce(name, f"version__{name}") for name in settings}
    rows = StrategySubscription.objects.filter(pk__any_of=ids).annotate(**resolved)
    return [
        SubscriptionRow(*row)
        for row in rows.order_by("user_id", "id").values_list(
            "id", "user_id", "account_id", "mode", "account__currency", "is_paused", "ended_at",
            "instrument_ids", *resolved, "version__sizing", "execution", "is_by_hand",
        )
    ]  # fmt: skip


def _holdings(ids: Sequence[int], stakes: Stakes) -> dict[int, dict[int, Holding]]:
    found: dict[int, dict[int, Holding]] = {}
    for row in stakes.held:
        found.setdefault(row.subscription, {})[row.instrument] = Holding(
            row.quantity,
            row.cost,
            is_dust=row.is_dust,
            is_stuck=row.is_dust and row.mode != Mode.PAPER,
        )
    on_their_way = Order.objects.filter(
        subscription_id__any_of=ids, leg__in=[Leg.ENTRY, Leg.EXIT], status__in=sorted(OPEN)
    )
    for subscription, instrument, leg, side, left in on_their_way.values_list(
        "subscription_id", "instrument_id", "leg", "side", F("quantity") - F("filled_quantity")
    ):
        holding = found.setdefault(subscription, {}).setdefault(instrument, Holding())
        if leg == Leg.ENTRY:
            holding.entering = Side(side)
        # A rung of a ladder closes a part: the rest is still to be left.
        holding.is_leaving |= leg == Leg.EXIT and left >= abs(holding.quantity)
    return found


def _decided(ids: Sequence[int], signals: Sequence[Signal]) -> set[tuple[int, int]]:
    made = Decision.objects.filter(signal__in=signals, subscription_id__any_of=ids)
    return set(made.values_list("signal_id", "subscription_id"))


def _sum(left: Decimal | None, right: Decimal | None) -> Decimal | None:
    return None if left is None or right is None else left + right
