"""What the orders of a person's subscriptions can be worth beside what they have to be."""

from collections.abc import Sequence
from datetime import datetime

from apps.accounts.models import User
from apps.execution.equities import equities_of
from apps.execution.services.people import People
from apps.execution.services.subscribers import read_subscriptions
from trading.gates.bounds import NO_BOUNDS
from trading.gates.dead_zones import Reach, reach_of
from trading.gates.risk_facts import AccountFacts


def reaches(user: User, subscription_ids: Sequence[int], now: datetime) -> dict[int, Reach]:
    """By subscription of the user's own, under all limits that a decision would meet; absent where
    an account holds something without a price, or nothing at all. `now` is the wall clock's."""
    rows = [row for row in read_subscriptions(subscription_ids) if row.user_id == user.pk]
    people = People.read({(row.user_id, row.mode) for row in rows}, now)
    known = equities_of(user, {row.account_id for row in rows})
    found = {}
    for row in rows:
        equity = known.get(row.account_id)
        if equity is not None and equity > 0:
            account = AccountFacts(equity=equity)
            bounds = people.bounds(row.user_id, row.mode, account, NO_BOUNDS)
            found[row.id] = reach_of(row.limits(0, bounds, equity), equity)
    return found
