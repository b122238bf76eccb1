"""The days of accounts: what each was worth when its day and its week began, and the highest it has
been; and with what open profit its subscriptions began. Begun before anything of theirs changes,
whoever comes first.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from apps.brokers.models import BrokerAccount
from apps.common import db
from apps.execution.equities import Open, equities, open_profits
from apps.execution.models import Position
from apps.market import selectors as market
from apps.risk import services as risk
from apps.risk.services import AccountState
from trading.account_days import first_day, midnight, week_of
from trading.money import ZERO

Worth = Mapping[int, Decimal]
Prices = Mapping[int, Decimal]


@db.transaction_required
def begin(account_ids: Iterable[int], now: datetime) -> dict[int, AccountState]:
    """How each account stands on the day of `now`; those that have not come to it yet begin it.

    The caller holds the locks of the accounts. Of one that is further on already nothing changes:
    fills of a day gone by are told to `take_late`.
    """
    ids, today = set(account_ids), now.date()
    states = risk.account_states(ids)
    late = {pk for pk in ids if pk not in states or states[pk].today.day < today}
    if not late:
        return states
    begun = _begun(late, states, today)
    risk.write_account_states(begun)
    risk.add_open(_opened(late, today), today)
    states.update(risk.account_states(late))  # with the ids of the new ones
    return states


def _begun(late: set[int], states: Mapping[int, AccountState], today: date) -> list[AccountState]:
    at_day = _worth(late, today)
    elsewhere = {
        pk for pk in late if pk not in states or week_of(states[pk].today.day) < week_of(today)
    }
    monday = week_of(today)
    at_week = at_day if monday == today else _worth(elsewhere, monday)
    fresh = BrokerAccount.objects.filter(pk__any_of=late - states.keys())
    begun = [
        AccountState(
            None, user, pk, mode, currency, first_day(today, at_day.get(pk), at_week.get(pk))
        )
        for pk, user, mode, currency in fresh.values_list("pk", "user_id", "mode", "currency")
    ]
    for pk in late & states.keys():
        state = states[pk]
        next_day = state.today.next_day(today, at_day.get(pk), at_week.get(pk))
        begun.append(state._replace(today=next_day))
    return begun


def _opened(account_ids: Collection[int], day: date) -> dict[int, Decimal | None]:
    """The open profit at 00:00 of the subscriptions that hold something."""
    held = Position.objects.filter(account_id__any_of=account_ids).exclude(quantity=0)
    rows = list(held.values_list("subscription_id", "instrument_id", "quantity", "cost"))
    prices = market.latest_prices(sorted({row[1] for row in rows}), midnight(day)) if rows else {}
    return open_profits(Open(row[0], prices.get(row[1]), *row[2:]) for row in rows)


class Move(NamedTuple):
    """What a fill changed, and on which day."""

    account: int
    subscription: int
    instrument: int
    day: date
    cash: Decimal
    quantity: Decimal
    cost: Decimal

    def worth(self, prices: Prices) -> Decimal | None:
        price = prices.get(self.instrument)
        return None if price is None else self.cash + self.quantity * price


@db.transaction_required
def take_late(states: dict[int, AccountState], moves: Iterable[Move]) -> None:
    """Into `states`, which is not written: the day, and the week, of an account that had begun
    before these fills were known began with what they changed."""
    by_day: dict[date, list[Move]] = {}
    for move in moves:
        today = states[move.account].today.day
        if move.day < today:
            by_day.setdefault(today, []).append(move)
    for today, late in by_day.items():
        monday = week_of(today)
        at_day, at_week = _prices(late, today), _prices(late, monday)
        for move in late:
            state = states[move.account]
            of_week = move.worth(at_week) if move.day < monday else ZERO
            day = state.today.after_late(move.worth(at_day), of_week)
            states[move.account] = state._replace(today=day)
        held = (Open(m.subscription, at_day.get(m.instrument), m.quantity, m.cost) for m in late)
        risk.add_open(open_profits(held), today)


def _prices(moves: Iterable[Move], day: date) -> Prices:
    return market.latest_prices(sorted({move.instrument for move in moves}), midnight(day))


@db.transaction_required
def record_flow(account: BrokerAccount, amount: Decimal, now: datetime) -> None:
    """Before money comes into the account, or leaves it (below 0)."""
    state = begin([account.pk], now)[account.pk]
    equity = dict(_by_account([account.pk], now)).get(account.pk)
    risk.write_account_states([state._replace(today=state.today.after_flow(equity, amount))])


def _worth(account_ids: Collection[int], day: date) -> Worth:
    """At 00:00 of the day; an account that holds something without a price is absent."""
    return dict(_by_account(account_ids, midnight(day))) if account_ids else {}


def _by_account(account_ids: Collection[int], at: datetime) -> Iterable[tuple[int, Decimal]]:
    rows = equities(at, account_id__any_of=set(account_ids))
    return ((account.id, equity) for account, equity in rows)
