"""What adapters of live venues find and we could not know: failed requests, holdings that differ,
keys that may do more. Each trips by the rule of its cause. Paper venues call none of these.
"""

from collections.abc import Collection
from datetime import datetime
from decimal import Decimal

from django.conf import settings

from apps.brokers.models import BrokerAccount
from apps.common import db
from apps.execution.services import halting
from apps.execution.services.people import People
from apps.risk import services as risk
from apps.risk.services import Found
from trading.gates.bounds import NO_BOUNDS
from trading.gates.risk_facts import AccountFacts
from trading.gates.triggers import (
    OF_EVIDENCE,
    TriggerCause,
    TriggerScope,
    trigger,
    triggers_of_account,
)
from trading.gates.values import text


@db.durable
def record_error(account: BrokerAccount, *, code: str, at: datetime, now: datetime) -> int:
    """A request of the account has failed: no answer, or a failure of the venue's own; a refusal is
    none. Its person is stopped with the last that the window allows. How many switches are new;
    `at` is of the venue's clock, `now` the wall's."""
    errors = risk.record_venue_error(account, code=code, at=at)
    facts = AccountFacts(api_errors=errors)
    people = People.read([(account.user_id, account.mode)], now)
    bounds = people.bounds(account.user_id, account.mode, facts, NO_BOUNDS)
    found = [
        Found(each, account.user_id)
        for each in triggers_of_account(facts, bounds)
        if each.scope is TriggerScope.USER
    ]
    return halting.trip_found(found, clock=account.venue_id, at=at)


@db.durable
def holds_otherwise(account: BrokerAccount, *, ours: Decimal, theirs: Decimal, at: datetime) -> int:
    """Both have been asked while nothing was under way: the venue holds so much of something, our
    ledger says another quantity. How many switches are new."""
    most: Decimal = settings.AUTOMATIC["AUTOMATIC_DRIFT"]
    larger = max(abs(ours), abs(theirs))
    share = abs(theirs - ours) / larger if larger else larger
    if not most or share <= most:
        return 0
    rule = OF_EVIDENCE[TriggerCause.RECONCILIATION_DRIFT]
    found = Found(trigger(rule, text(round(share, 4)), text(most)), account.pk)
    return halting.trip_found([found], clock=account.venue_id, at=at)


@db.durable
def key_may(
    account: BrokerAccount, *, now_may: Collection[str], may_only: Collection[str], at: datetime
) -> int:
    """The venue says what the account's key may do; `may_only` is what it could when it was
    checked. How many switches are new: one, where it gained a right."""
    gained = set(now_may) - set(may_only)
    if not gained:
        return 0
    rule = OF_EVIDENCE[TriggerCause.KEY_PERMISSIONS]
    said = trigger(rule, ", ".join(sorted(gained)), ", ".join(sorted(may_only)) or "nothing")
    return halting.trip_found([Found(said, account.pk)], clock=account.venue_id, at=at)
