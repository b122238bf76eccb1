"""What the orders of a person's subscriptions can be worth beside what they have to be."""

from collections.abc import Sequence
from datetime import datetime

from apps.accounts.models import User
from apps.brokers.models import BrokerAccount
from apps.execution.equities import equities
from apps.execution.services.people import People
from apps.execution.services.subscribers import read_subscriptions
from apps.market import selectors as market
from trading.gates.bounds import NO_BOUNDS
from trading.gates.dead_zones import Reach, reach_of
from trading.gates.risk_facts import AccountFacts


def reaches(user: User, subscription_ids: Sequence[int], now: datetime) -> dict[int, Reach]:
    """By subscription of the user's own, under all limits that a decision would meet; absent where
    an account holds something without a price, or nothing at all. `now` is the wall clock's."""
    rows = [row for row in read_subscriptions(subscription_ids) if row.user_id == user.pk]
    people = People.read({(row.user_id, row.mode) for row in rows}, now)
    accounts = BrokerAccount.objects.of(user).filter(pk__in={row.account_id for row in rows})
    known = {}
    for venue in sorted(set(accounts.values_list("venue_id", flat=True))):  # each has its clock
        at = market.market_now(venue)
        own = equities(at, account_id__in=accounts.filter(venue=venue).values("pk"))
        known.update({account.id: equity for account, equity in own if equity > 0})
    found = {}
    for row in rows:
        equity = known.get(row.account_id)
        if equity is not None:
            account = AccountFacts(equity=equity)
            bounds = people.bounds(row.user_id, row.mode, account, NO_BOUNDS)
            found[row.id] = reach_of(row.limits(0, bounds, equity), equity)
    return found
