"""The room that accounts have, read once under their locks (trading/rooms.py keeps it true)."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from django.db.models import Case, ExpressionWrapper, F, When
from django.db.models.functions import Coalesce, Greatest

from apps.common import db
from apps.common.fields import MoneyField
from apps.execution.equities import Open, equities, open_profits
from apps.execution.models import Position, Reservation
from apps.execution.protected import rules_of
from apps.execution.services import days
from apps.execution.services.messages import messages, people_of_live
from apps.market import selectors as market
from apps.market.models import AllocationSnapshot
from apps.risk import selectors as risk_rows
from apps.risk import services as risk
from apps.risk.models import CoolDown
from apps.risk.services import AccountState
from trading.exit_policy import is_dust
from trading.gates.risk_facts import NOT_PROVIDED, AccessFacts
from trading.instruments import AssetClass, InstrumentRules
from trading.money import ZERO
from trading.rooms import Room, Stake, Traded
from trading.signals import Side

# Of the percents of an allocation; everything else is in no class that it speaks of.
CLASSES = {AssetClass.CRYPTO: "crypto", AssetClass.EQUITY: "equity"}
PERCENT = Decimal("0.01")


class Held(NamedTuple):
    account: int
    subscription: int
    instrument: int
    asset_class: str
    quantity: Decimal
    cost: Decimal
    mode: str
    is_dust: bool


class Entering(NamedTuple):
    """`amount`: what it will have in use; of a short more than is set aside for it."""

    account: int
    subscription: int
    instrument: int
    asset_class: str
    quantity: Decimal  # signed, that is not filled yet
    amount: Decimal


class Stakes(NamedTuple):
    """`prices`: the last ones, of what is held; what has none is absent."""

    held: Sequence[Held]
    entering: Sequence[Entering]
    prices: Mapping[int, market.Priced]

    def price_of(self, row: Held) -> Decimal | None:
        """None where nobody knows it any more; dust keeps its last one, for nobody could end it."""
        last = self.prices.get(row.instrument)
        return None if last is None or (last.is_old and not row.is_dust) else last.price

    def unrealised(self) -> dict[int, Decimal | None]:
        """Open profit of each subscription; None where a price is not known."""
        return open_profits(
            Open(row.subscription, self.price_of(row), row.quantity, row.cost) for row in self.held
        )

    def in_use(self) -> dict[int, Decimal]:
        """Capital in positions and on its way to them, by subscription."""
        found: dict[int, Decimal] = {}
        for row in self.held:
            found[row.subscription] = found.get(row.subscription, ZERO) + abs(row.cost)
        for entry in self.entering:
            found[entry.subscription] = found.get(entry.subscription, ZERO) + entry.amount
        return found


@db.transaction_required
def read_stakes(account_ids: Collection[int], at: datetime) -> Stakes:
    """What the accounts hold, and what they are entering."""
    rows = Position.objects.filter(account_id__any_of=account_ids).exclude(quantity=0)
    found = list(
        rows.values_list(
            "account_id", "subscription_id", "instrument_id", "instrument__asset_class", "quantity",
            "cost", "mode",
        )
    )  # fmt: skip
    instruments = {instrument for _, _, instrument, *_ in found}
    rules = rules_of(instruments) if instruments else {}
    held = [
        Held(account, subscription, pk, of_class, size, cost, mode, _is_dust(size, cost, rules[pk]))
        for account, subscription, pk, of_class, size, cost, mode in found
    ]
    prices = market.priced(sorted(instruments), at) if instruments else {}
    return Stakes(held, _entering(account_ids), prices)


def _is_dust(quantity: Decimal, cost: Decimal, rules: InstrumentRules) -> bool:
    return is_dust(abs(quantity), cost / quantity, rules)


def _entering(account_ids: Collection[int]) -> list[Entering]:
    left = F("order__quantity") - F("order__filled_quantity")
    sells = When(order__side=Side.SELL, then=-left)
    price = Coalesce(
        "order__limit_price", "order__trigger_price", "order__decision__reference_price"
    )
    worth = ExpressionWrapper(left * price, MoneyField())
    rows = Reservation.objects.filter(account_id__any_of=account_ids, released_at=None)
    return [
        Entering(*row)
        for row in rows.values_list(
            "account_id", "order__subscription_id", "order__instrument_id",
            "order__instrument__asset_class", Case(sells, default=left, output_field=MoneyField()),
            Greatest("amount", Coalesce(worth, "amount")),
        )
    ]  # fmt: skip


@db.transaction_required
def read_rooms(
    stakes: Stakes, access: Mapping[int, AccessFacts], at: datetime, now: datetime
) -> tuple[dict[int, Room], dict[int, AccountState]]:
    """By account, and the rows behind them. `access` says which accounts; `now` is the wall's
    clock. The caller holds the locks of all the accounts of these people."""
    states = days.begin(access, at)
    rows = equities(at, fresh=True, account_id__any_of=set(access))
    equity = {account.id: worth for account, worth in rows}
    of_stakes = _stakes_of(stakes)
    counts = counts_of_people(states)
    errors, sent = api_errors(states, at), messages(states, now)
    budgets, cool_downs = _budgets(access, equity), _cool_downs(access)
    rooms = {}
    for pk, state in states.items():
        room = Room(
            access=access[pk],
            stakes=of_stakes.get(pk, {}),
            budgets=budgets.get(pk, {}),
            cool_downs=cool_downs.get(pk, {}),
            traded=counts.trades_of(state),
        )
        room.account = state.today.facts(
            equity.get(pk),
            exposure=room.exposure,
            open_positions=room.open_positions,
            trades_today=counts.trades_of(state).entries,
            lost_today=counts.lost_by(state),
            api_errors=errors.get(pk, NOT_PROVIDED),
            messages=sent.get(pk, NOT_PROVIDED),
        )
        rooms[pk] = room
    return rooms, states


def _stakes_of(stakes: Stakes) -> dict[int, dict[int, Stake]]:
    found: dict[int, dict[int, Stake]] = {}
    for row in stakes.held:
        price = stakes.price_of(row)
        worth = None if price is None else abs(row.quantity) * price
        # Dust is worth something, but it is no position.
        quantity = ZERO if row.is_dust else row.quantity
        _stake(found, row).hold(row.subscription, quantity, worth)
    for entry in stakes.entering:
        _stake(found, entry).enter(entry.subscription, entry.quantity, entry.amount)
    return found


def _stake(found: dict[int, dict[int, Stake]], row: Held | Entering) -> Stake:
    of_account = found.setdefault(row.account, {})
    return of_account.setdefault(row.instrument, Stake(AssetClass(row.asset_class)))


@dataclass(frozen=True, slots=True)
class Counts:
    """Of people, in all their accounts of one mode whose day it is. What was lost is summed in one
    currency: nobody here tells what that is worth in another."""

    traded: Mapping[tuple[int, str, date], Traded]
    lost: Mapping[tuple[int, str, date, str], Decimal]

    def trades_of(self, state: AccountState) -> Traded:
        return self.traded[state.user_id, state.mode, state.today.day]

    def lost_by(self, state: AccountState) -> Decimal:
        return self.lost[state.user_id, state.mode, state.today.day, state.currency]


def counts_of_people(states: Mapping[int, AccountState]) -> Counts:
    """What their accounts have traded and lost, each on its own day."""
    theirs = risk.states_of_people({state.user_id for state in states.values()})
    traded: dict[tuple[int, str, date], Traded] = {}
    lost: dict[tuple[int, str, date, str], Decimal] = {}
    for state in theirs.values():
        today = (state.user_id, state.mode, state.today.day)
        traded.setdefault(today, Traded(0)).entries += state.today.trades_today
        in_currency = (*today, state.currency)
        lost[in_currency] = lost.get(in_currency, ZERO) + state.today.lost_today
    return Counts(traded, lost)


def api_errors(states: Mapping[int, AccountState], at: datetime) -> dict[int, int]:
    """Of each live account's person within the window before `at`; paper venues have none."""
    live = people_of_live(states)
    counted = risk_rows.venue_errors(set(live.values()), at) if live else {}
    return {pk: counted.get(user, 0) for pk, user in live.items()}


def _budgets(
    account_ids: Iterable[int], equity: Mapping[int, Decimal]
) -> dict[int, dict[AssetClass, Decimal]]:
    """What the last allocation gives each class, of the equity there is now; an account without an
    allocation, or whose equity is not known, is absent."""
    rows = AllocationSnapshot.objects.filter(account_id__any_of=set(account_ids))
    latest = rows.order_by("account_id", "-regime_snapshot_id").distinct("account_id")
    return {
        account: {
            of_class: share * PERCENT * equity[account]
            for of_class, share in zip(CLASSES, shares, strict=True)
        }
        for account, *shares in latest.values_list("account_id", *CLASSES.values())
        if account in equity
    }


def _cool_downs(account_ids: Iterable[int]) -> dict[int, dict[int, datetime]]:
    rows = CoolDown.objects.filter(account_id__any_of=set(account_ids))
    found: dict[int, dict[int, datetime]] = {}
    for account, instrument, until in rows.values_list("account_id", "instrument_id", "until"):
        found.setdefault(account, {})[instrument] = until
    return found
