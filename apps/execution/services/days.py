"""The days of accounts: what each was worth when its day and its week began, and the highest it has
been. Begun before anything of theirs changes, whoever comes first.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal

from apps.brokers.models import BrokerAccount
from apps.common import db
from apps.execution.equities import equities
from apps.risk import services as risk
from apps.risk.services import AccountState
from trading.account_days import first_day, midnight, week_of

Worth = Mapping[int, Decimal]


@db.transaction_required
def begin(account_ids: Iterable[int], now: datetime) -> dict[int, AccountState]:
    """How each account stands on the day of `now`; those that have not come to it yet begin it.

    The caller holds the locks of the accounts. Of one that is further on already nothing changes.
    """
    ids, today = set(account_ids), now.date()
    states = risk.account_states(ids)
    late = {pk for pk in ids if pk not in states or states[pk].today.day < today}
    if not late:
        return states
    begun = _begun(late, states, today)
    risk.write_account_states(begun)
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
