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
from apps.execution.services.budgets import budgets_of
from apps.execution.services.messages import messages, people_of_live
from apps.market import selectors as market
from apps.risk import selectors as risk_rows
from apps.risk import services as risk
from apps.risk.models import CoolDown
from apps.risk.services import AccountState
from trading.exit_policy import is_dust
from trading.gates.risk_facts import NOT_PROVIDED, AccessFacts
from trading.instruments import AssetClass, InstrumentRules
from trading.money import ZERO
from trading.rooms import Room, Shared, Stake, positions_in
from trading.signals import Side


class Held(NamedTuple):
    user: int
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

    user: int
    account: int
    subscription: int
    instrument: int
    asset_class: str
    mode: str
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
            "user_id", "account_id", "subscription_id", "instrument_id",
            "instrument__asset_class", "quantity", "cost", "mode",
        )
    )  # fmt: skip
    instruments = {instrument for _, _, _, instrument, *_ in found}
    rules = rules_of(instruments) if instruments else {}
    held = [
        Held(
            user, account, subscription, pk, of_class, size, cost, mode,
            _is_dust(size, cost, rules[pk]),
        )
        for user, account, subscription, pk, of_class, size, cost, mode in found
    ]  # fmt: skip
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
            "user_id", "account_id", "order__subscription_id", "order__instrument_id",
            "order__instrument__asset_class", "mode",
            Case(sells, default=left, output_field=MoneyField()),
            Greatest("amount", Coalesce(worth, "amount")),
        )
    ]  # fmt: skip


@db.transaction_required
def read_rooms(
    stakes: Stakes, access: Mapping[int, AccessFacts], at: datetime, now: datetime
) -> tuple[dict[int, Room], dict[int, AccountState]]:
    """By account, and the rows behind them. `access` says which accounts; `stakes` are of all the
    accounts of these people, whose locks the caller holds; `now` is the wall's clock."""
    states = days.begin(access, at)
    rows = equities(at, fresh=True, account_id__any_of=set(access))
    equity = {account.id: worth for account, worth in rows}
    of_stakes = _stakes_of(stakes)
    counts, opened = counts_of_people(states), _opened(stakes, of_stakes)
    errors, sent = api_errors(states, at), messages(states, now)
    budgets, cool_downs = budgets_of(access, equity), _cool_downs(access)
    rooms = {}
    for pk, state in states.items():
        room = Room(
            access=access[pk],
            stakes=of_stakes.get(pk, {}),
            budgets=budgets.get(pk, {}),
            cool_downs=cool_downs.get(pk, {}),
            traded=counts.trades_of(state),
            opened=opened.setdefault((state.user_id, state.mode), Shared(0)),
        )
        room.account = state.today.facts(
            equity.get(pk),
            exposure=room.exposure,
            open_positions=room.open_positions,
            users_positions=opened[state.user_id, state.mode].count,
            trades_today=counts.trades_of(state).count,
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


def _opened(
    stakes: Stakes, of_stakes: Mapping[int, Mapping[int, Stake]]
) -> dict[tuple[int, str], Shared]:
    """Positions open or on their way, of each person and mode."""
    rows: list[Held | Entering] = [*stakes.held, *stakes.entering]
    owners = {row.account: (row.user, row.mode) for row in rows}
    found: dict[tuple[int, str], Shared] = {}
    for account, owner in owners.items():
        found.setdefault(owner, Shared(0)).count += positions_in(of_stakes[account])
    return found


@dataclass(frozen=True, slots=True)
class Counts:
    """Of people, in all their accounts of one mode whose day it is. What was lost is summed in one
    currency: nobody here tells what that is worth in another."""

    traded: Mapping[tuple[int, str, date], Shared]
    lost: Mapping[tuple[int, str, date, str], Decimal]

    def trades_of(self, state: AccountState) -> Shared:
        return self.traded[state.user_id, state.mode, state.today.day]

    def lost_by(self, state: AccountState) -> Decimal:
        return self.lost[state.user_id, state.mode, state.today.day, state.currency]


def counts_of_people(states: Mapping[int, AccountState]) -> Counts:
    """What their accounts have traded and lost, each on its own day."""
    theirs = risk.states_of_people({state.user_id for state in states.values()})
    traded: dict[tuple[int, str, date], Shared] = {}
    lost: dict[tuple[int, str, date, str], Decimal] = {}
    for state in theirs.values():
        today = (state.user_id, state.mode, state.today.day)
        traded.setdefault(today, Shared(0)).count += state.today.trades_today
        in_currency = (*today, state.currency)
        lost[in_currency] = lost.get(in_currency, ZERO) + state.today.lost_today
    return Counts(traded, lost)


def api_errors(states: Mapping[int, AccountState], at: datetime) -> dict[int, int]:
    """Of each live account's person within the window before `at`; paper venues have none."""
    live = people_of_live(states)
    counted = risk_rows.venue_errors(set(live.values()), at) if live else {}
    return {pk: counted.get(user, 0) for pk, user in live.items()}


def _cool_downs(account_ids: Iterable[int]) -> dict[int, dict[int, datetime]]:
    rows = CoolDown.objects.filter(account_id__any_of=set(account_ids))
    found: dict[int, dict[int, datetime]] = {}
    for account, instrument, until in rows.values_list("account_id", "instrument_id", "until"):
        found.setdefault(account, {})[instrument] = until
    return found
