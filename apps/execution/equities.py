"""What accounts are worth: their cash, and what they hold at the last prices; the open profit of
subscriptions."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import F, Sum

from apps.accounts.models import User
from apps.brokers.models import BrokerAccount
from apps.execution.models import Balance, Position
from apps.execution.protected import rules_of
from apps.market import selectors as market
from trading.exit_policy import is_dust
from trading.money import ZERO


class AccountRow(NamedTuple):
    user_id: int
    id: int
    mode: str
    cash: Decimal


def equities_of(user: User, account_ids: Collection[int]) -> dict[int, Decimal]:
    """Of the user's own among these accounts, each by its venue's clock; absent where something
    that it holds has no price. Three queries a venue."""
    by_venue: dict[str, list[int]] = defaultdict(list)
    own = BrokerAccount.objects.of(user).filter(pk__in=account_ids)
    for venue, account in own.order_by("venue_id", "id").values_list("venue_id", "pk"):
        by_venue[venue].append(account)
    return {
        account.id: equity
        for venue, accounts in by_venue.items()
        for account, equity in equities(market.market_now(venue), account_id__in=accounts)
    }


def equities(
    at: datetime, *, fresh: bool = False, **accounts: Any
) -> Iterator[tuple[AccountRow, Decimal]]:
    """Of each account that the conditions choose (`account_id__in=…`) and whose holdings have a
    price: an account that holds something without one has no known equity. `fresh`: nor has one
    that holds something of which the last price is too old, dust excepted: nobody could end it."""
    own = Balance.objects.filter(currency=F("account__currency"), **accounts)
    held = Position.objects.filter(**accounts).exclude(quantity=0)
    holdings: dict[int, dict[int, Decimal]] = {}
    summed = held.values("account_id", "instrument_id").annotate(sum=Sum("quantity"))
    for account_id, instrument, quantity in summed.values_list(
        "account_id", "instrument_id", "sum"
    ):
        holdings.setdefault(account_id, {})[instrument] = quantity
    ids = {instrument for of_account in holdings.values() for instrument in of_account}
    prices = market.priced(sorted(ids), at) if ids else {}
    old = {pk for pk, (_, is_old) in prices.items() if fresh and is_old}
    rules = rules_of(old) if old else {}
    for row in own.order_by("account_id").values_list("user_id", "account_id", "mode", "cash"):
        account = AccountRow(*row)
        quantities = holdings.get(account.id, {})
        if not quantities.keys() <= prices.keys():
            continue
        if all(
            is_dust(abs(quantities[pk]), prices[pk].price, rules[pk])
            for pk in old & quantities.keys()
        ):
            worth = (quantity * prices[pk].price for pk, quantity in quantities.items())
            yield account, account.cash + sum(worth, ZERO)


class Open(NamedTuple):
    """A position; without a price nobody knows what it is worth."""

    subscription: int
    price: Decimal | None
    quantity: Decimal
    cost: Decimal


def open_profits(held: Iterable[Open]) -> dict[int, Decimal | None]:
    """Of each subscription; None where a price is not known."""
    found: dict[int, Decimal | None] = {}
    for subscription, price, quantity, cost in held:
        so_far = found.get(subscription, ZERO)
        found[subscription] = (
            None if price is None or so_far is None else so_far + quantity * price - cost
        )
    return found
