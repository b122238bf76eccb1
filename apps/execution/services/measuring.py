"""Every account that holds something or traded is held against its limits at every close, whether
or not a signal comes: by the questions that gates ask, tripping what gates would trip.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from django.conf import settings
from django.utils import timezone

from apps.common import db
from apps.execution.equities import equities
from apps.execution.models import Position, Trade
from apps.execution.services import days, halting
from apps.execution.services.accounts import lock_accounts
from apps.execution.services.closes import Close
from apps.execution.services.people import People
from apps.execution.services.rooms import api_errors, counts_of_people
from apps.market import selectors as market
from apps.risk import services as risk
from apps.risk.sayings import in_currency
from apps.risk.services import AccountState, Found
from trading.gates.bounds import NO_BOUNDS
from trading.gates.risk_facts import NOT_PROVIDED
from trading.gates.triggers import OF_EVIDENCE, TriggerCause, TriggerScope, trigger
from trading.gates.triggers import triggers_of_account as triggers_of
from trading.gates.values import text

CHUNK = 2_000
JUST_NOW = timedelta(minutes=10)  # whoever died after a late candle was met has come back by then


@db.durable
def measure(close: Close, now: datetime) -> int:
    """Keep the highest equity of each and trip what it has reached; how many switches are new. Of
    a close that is taken again nothing happens twice. `now` is when the accounts were last filled,
    which may be later: what they hold by then is worth what it costs then."""
    ids, since = _concerned(close), timezone.now()
    found = [
        each
        for start in range(0, len(ids), CHUNK)
        for each in _measure(ids[start : start + CHUNK], now)
    ]
    if not found:
        return 0
    return halting.trip_found(found, clock=close.venue, at=now, since=since)


def _concerned(close: Close) -> list[int]:
    """By id: those that hold something there, and those of which a round trip has just ended, or
    has at the time of a candle that has just come late."""
    late = market.oldest_met_late(close.venue, timezone.now() - JUST_NOW)
    instruments = {pk for of_frame in close.instruments.values() for pk in of_frame}
    held = Position.objects.filter(instrument__venue=close.venue).exclude(quantity=0)
    ended = Trade.objects.filter(
        instrument_id__any_of=instruments,
        closed_at__gte=close.open_time if late is None else min(late, close.open_time),
        closed_at__lte=close.time,
    )
    ids = held.values_list("account_id", flat=True).distinct()
    return sorted({*ids, *ended.values_list("account_id", flat=True)})


@db.transaction
def _measure(account_ids: Sequence[int], at: datetime) -> list[Found]:
    lock_accounts(account_ids)
    states = days.begin(account_ids, at)
    rows = equities(at, account_id__any_of=set(account_ids))
    equity = {account.id: worth for account, worth in rows}
    most = settings.AUTOMATIC["AUTOMATIC_BALANCE_JUMP"]
    found = [*_of_bounds(states, equity, at)]
    changed = []
    for pk, state in states.items():
        share = state.today.jump(equity.get(pk), most)
        if share is not None:
            rule = OF_EVIDENCE[TriggerCause.BALANCE_JUMP]
            found.append(Found(trigger(rule, text(round(share, 4)), text(most)), pk))
        today = state.today.measured(equity.get(pk), most)
        if today is not state.today:
            changed.append(state._replace(today=today))
    risk.write_account_states(changed)
    return found


def _of_bounds(
    states: Mapping[int, AccountState], equity: Mapping[int, Decimal], at: datetime
) -> list[Found]:
    people = People.read({(each.user_id, each.mode) for each in states.values()}, timezone.now())
    counts, errors = counts_of_people(states), api_errors(states, at)
    found = []
    for pk, state in states.items():
        facts = state.today.facts(
            equity.get(pk),
            exposure=None,
            open_positions=None,
            trades_today=counts.trades_of(state).count,
            lost_today=counts.lost_by(state),
            api_errors=errors.get(pk, NOT_PROVIDED),
        )
        bounds = people.bounds(state.user_id, state.mode, facts, NO_BOUNDS)
        keys = {TriggerScope.ACCOUNT: pk, TriggerScope.USER: state.user_id}
        tripped = triggers_of(facts, bounds, in_currency(state.currency))
        found += [Found(each, keys[each.scope]) for each in tripped]
    return found
