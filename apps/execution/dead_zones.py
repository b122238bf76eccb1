"""Where the limits that a person was given leave no order possible: told when they are given, and
not only when one is refused."""

from datetime import datetime
from typing import NamedTuple

from apps.accounts.models import User
from apps.brokers.models import BrokerAccount
from apps.common.models import Mode
from apps.execution.equities import equities_of
from apps.risk.limits import bounds_in_force, own_limits_of
from apps.risk.refusals import deadlock
from apps.subscriptions.selectors import entitlements


class DeadZone(NamedTuple):
    """An account in which nothing can be traded; `why` names the capital that it would take."""

    account: str
    mode: Mode
    why: str


def dead_zones(user: User, now: datetime) -> list[DeadZone]:
    """Of all the person's accounts, at the last prices of their venues. `now` is the wall's: plans
    hold by it."""
    granted = entitlements(user, now)
    own = {mode: own_limits_of([user.pk], mode)[user.pk] for mode in (Mode.PAPER, Mode.LIVE)}
    accounts = BrokerAccount.objects.of(user).order_by("name", "id").in_bulk()
    found = []
    for pk, equity in equities_of(user, accounts).items():
        account = accounts[pk]
        mode = Mode(account.mode)
        bounds = bounds_in_force(
            granted, granted.tier(equity), own[mode], is_live=mode is Mode.LIVE
        )
        if why := deadlock(bounds, equity, account.currency):
            found.append(DeadZone(account.name, mode, why))
    return found
