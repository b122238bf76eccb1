"""The facts of one chunk of subscriptions, read once under the locks, and kept true in memory while
its decisions are made, one after the other.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from django.db.models import ExpressionWrapper, F
from django.db.models.functions import Coalesce, Greatest

from apps.common import db
from apps.common.fields import MoneyField
from apps.execution.models import Order, Position, Reservation
from apps.execution.services.accounts import free_cash, lock_accounts
from apps.market import selectors as market
from apps.risk import selectors as risk
from apps.risk import services as risk_services
from apps.risk.models import Decision
from apps.strategies.models import Signal, StrategySubscription, StrategyVersion
from trading.decisions import Holding, Standing
from trading.gates.execution_mode import ExecutionMode
from trading.gates.values import Limits, TradingState
from trading.money import ZERO
from trading.orders import OPEN, Leg
from trading.signals import Side
from trading.sizing import SizingPolicy


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

    def limits(self, warmup_candles: int) -> Limits:
        return Limits(
            self.capital, self.risk_per_trade, self.leverage, self.max_positions,
            self.max_daily_loss, warmup_candles, SizingPolicy(self.sizing),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Subscriber:
    """One subscription; how it stands changes as it is decided about."""

    id: int
    user_id: int
    account_id: int
    mode: str
    instrument_ids: set[int] | None
    standing: Standing
    execution: ExecutionMode = ExecutionMode.AUTOMATIC


@dataclass(slots=True)
class Facts:
    """`free_cash` is by account and goes down as orders are written."""

    subscribers: Sequence[Subscriber]
    free_cash: dict[int, Decimal]
    states: risk.TradingStates
    decided: set[tuple[int, int]]

    def state_of(self, subscriber: Subscriber, signal: Signal) -> TradingState:
        place = risk.Place(
            venue=signal.instrument.venue_id,
            instrument=signal.instrument_id,
            strategy=signal.version.strategy_id,
            user=subscriber.user_id,
            account=subscriber.account_id,
            subscription=subscriber.id,
        )
        return self.states.of(place)


@db.transaction_required
def read_facts(
    version: StrategyVersion,
    subscription_ids: Sequence[int],
    signals: Sequence[Signal],
    close_time: datetime,
) -> Facts:
    """Lock the accounts and risk states of the chunk, then read all that is needed, each in one
    query."""
    ids = list(subscription_ids)
    rows = _subscriptions(ids)
    lock_accounts(row.account_id for row in rows)
    risk_services.ensure_risk_states(ids, close_time.date())
    realised = risk.realised_today(ids, close_time.date())
    rows = _subscriptions(ids)  # again, under the lock: a pause in between wins
    holdings = _holdings(ids)
    unrealised = _unrealised(holdings, close_time)
    reserved = _reserved(ids)
    subscribers = []
    for row in rows:
        held = holdings.get(row.id, {})
        in_positions = sum((abs(holding.cost) for holding in held.values()), ZERO)
        subscribers.append(
            Subscriber(
                id=row.id,
                user_id=row.user_id,
                account_id=row.account_id,
                mode=row.mode,
                instrument_ids=None if row.instrument_ids is None else {*row.instrument_ids},
                standing=Standing(
                    is_running=not row.is_paused and row.ended_at is None,
                    currency=row.currency,
                    limits=row.limits(version.warmup_candles),
                    day_pnl=_sum(realised.get(row.id), unrealised.get(row.id, ZERO)),
                    in_use=reserved.get(row.id, ZERO) + in_positions,
                    holdings=held,
                ),
                execution=ExecutionMode(row.execution),
            )
        )
    return Facts(
        subscribers=subscribers,
        free_cash=free_cash(row.account_id for row in rows),
        states=risk.trading_states(),
        decided=_decided(ids, signals),
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
            "instrument_ids", *resolved, "version__sizing", "execution",
        )
    ]  # fmt: skip


def _holdings(ids: Sequence[int]) -> dict[int, dict[int, Holding]]:
    found: dict[int, dict[int, Holding]] = {}
    held = Position.objects.filter(subscription_id__any_of=ids).exclude(quantity=0)
    for subscription, instrument, quantity, cost in held.values_list(
        "subscription_id", "instrument_id", "quantity", "cost"
    ):
        found.setdefault(subscription, {})[instrument] = Holding(quantity, cost)
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


def _unrealised(
    holdings: Mapping[int, Mapping[int, Holding]], close_time: datetime
) -> dict[int, Decimal | None]:
    """Open profit of each subscription at the close; None where a price is not known."""
    instruments = {pk for held in holdings.values() for pk in held}
    prices = market.latest_prices(sorted(instruments), close_time) if instruments else {}
    found: dict[int, Decimal | None] = {}
    for subscription, held in holdings.items():
        total: Decimal | None = ZERO
        for instrument, holding in held.items():
            if not holding.quantity:
                continue
            price = prices.get(instrument)
            total = _sum(total, None if price is None else holding.quantity * price - holding.cost)
        found[subscription] = total
    return found


def _reserved(ids: Sequence[int]) -> dict[int, Decimal]:
    """What entries on their way will have in use: of a short more than is set aside for it."""
    rows = Reservation.objects.filter(released_at=None, order__subscription_id__any_of=ids)
    left = F("order__quantity") - F("order__filled_quantity")
    price = Coalesce(
        "order__limit_price", "order__trigger_price", "order__decision__reference_price"
    )
    worth = ExpressionWrapper(left * price, MoneyField())
    found: dict[int, Decimal] = {}
    for subscription, amount in rows.values_list(
        "order__subscription_id", Greatest("amount", Coalesce(worth, "amount"))
    ):
        found[subscription] = found.get(subscription, ZERO) + amount
    return found


def _decided(ids: Sequence[int], signals: Sequence[Signal]) -> set[tuple[int, int]]:
    made = Decision.objects.filter(signal__in=signals, subscription_id__any_of=ids)
    return set(made.values_list("signal_id", "subscription_id"))


def _sum(left: Decimal | None, right: Decimal | None) -> Decimal | None:
    return None if left is None or right is None else left + right
