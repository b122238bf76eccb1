"""The facts of one chunk of subscriptions, read once under the locks, and kept true in memory while
its decisions are made, one after the other.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import F

from apps.common import db
from apps.common.models import Mode
from apps.execution.models import Order
from apps.execution.services.accounts import free_cash, lock_people
from apps.execution.services.people import People
from apps.execution.services.repetitions import Repetitions, repetitions
from apps.execution.services.rooms import Stakes, read_rooms, read_stakes
from apps.execution.services.subscribers import Subscriber, SubscriptionRow, read_subscriptions
from apps.risk import selectors as risk
from apps.risk import services as risk_services
from apps.risk.models import Decision
from apps.risk.services import AccountState
from apps.strategies.models import Signal, StrategyVersion
from trading.gates.bounds import Bounds, Source, bounds_of
from trading.gates.values import Limits, TradingState
from trading.money import ZERO
from trading.orders import OPEN, Leg
from trading.rooms import Room
from trading.signals import Side
from trading.standing import Holding, Standing
from trading.strategies import REGISTRY


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
    account_ids = lock_people(row.user_id for row in read_subscriptions(ids))
    risk_services.ensure_risk_states(ids, close_time.date())
    rows = read_subscriptions(ids)  # again, under the lock: a pause in between wins
    people = People.read(((row.user_id, row.mode) for row in rows), now)
    access = {row.account_id: people.access(row.user_id, row.mode, close_time) for row in rows}
    stakes = read_stakes(account_ids, close_time)
    rooms, states = read_rooms(stakes, access, close_time, now)
    strategy = _bounds_of_strategy(version)
    limits = {}
    for row in rows:
        account = rooms[row.account_id].account
        bounds = people.bounds(row.user_id, row.mode, account, strategy)
        limits[row.id] = row.limits(version.warmup_candles, bounds, account.equity)
    won = risk.won_before_open(ids, close_time.date())
    standings = _standings(rows, limits, won, stakes)
    return Facts(
        subscribers=[
            Subscriber.of(row, people.own(row.user_id, row.mode), standings[row.id]) for row in rows
        ],
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


def _bounds_of_strategy(version: StrategyVersion) -> Bounds:
    built_in = REGISTRY.get(version.strategy.code)  # what is ordered by hand has no code
    most_exposed = None if built_in is None else built_in.most_exposed
    return bounds_of(Source.STRATEGY, strategy_share=most_exposed)


def _standings(
    rows: Sequence[SubscriptionRow],
    limits: Mapping[int, Limits],
    won: Mapping[int, Decimal | None],
    stakes: Stakes,
) -> dict[int, Standing]:
    """By subscription, as `limits` and `won` are."""
    holdings = _holdings([row.id for row in rows], stakes)
    unrealised, in_use = stakes.unrealised(), stakes.in_use()
    return {
        row.id: Standing(
            is_running=not row.is_paused and row.ended_at is None,
            currency=row.currency,
            limits=limits[row.id],
            day_pnl=_sum(won.get(row.id), unrealised.get(row.id, ZERO)),
            in_use=in_use.get(row.id, ZERO),
            holdings=holdings.get(row.id, {}),
        )
        for row in rows
    }


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
        else:
            holding.leaving += left
    return found


def _decided(ids: Sequence[int], signals: Sequence[Signal]) -> set[tuple[int, int]]:
    made = Decision.objects.filter(signal__in=signals, subscription_id__any_of=ids)
    return set(made.values_list("signal_id", "subscription_id"))


def _sum(left: Decimal | None, right: Decimal | None) -> Decimal | None:
    return None if left is None or right is None else left + right
