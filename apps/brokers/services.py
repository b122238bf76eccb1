from collections.abc import Iterable
from datetime import datetime

from apps.accounts.documents import LIVE_TRADING
from apps.accounts.models import User
from apps.accounts.selectors import consent_to
from apps.brokers.models import AccountVerification, BrokerAccount, Venue
from apps.common import db
from apps.common.errors import Refused
from apps.common.models import Mode
from apps.subscriptions.selectors import entitlements
from trading.order_kinds import OrderType
from trading.readiness import MEANINGS, LiveCode


@db.transaction
def open_account(
    user: User, venue: Venue, *, name: str, currency: str, now: datetime, mode: str = Mode.PAPER
) -> BrokerAccount:
    """An account of the user at the venue. Raises Refused ACCOUNT_NAME_TAKEN, and for a live one
    what `refuse_live` does."""
    if mode != Mode.PAPER:
        refuse_live(user, now)
    if BrokerAccount.objects.of(user).filter(name=name).exists():
        raise Refused("ACCOUNT_NAME_TAKEN", f"You already have an account named {name}.")
    return BrokerAccount.objects.create(
        user=user, venue=venue, name=name, currency=currency, mode=mode
    )


def refuse_live(user: User, now: datetime) -> None:
    """Raises Refused CONSENT_MISSING or PLAN_FORBIDS_LIVE, and LIVE_NOT_AVAILABLE for whoever has
    both: no venue takes live orders yet."""
    code = None
    if consent_to(user, LIVE_TRADING) is None:
        code = LiveCode.CONSENT_MISSING
    elif not entitlements(user, now).allows_live:
        code = LiveCode.PLAN_FORBIDS_LIVE
    if code is not None:
        raise Refused(code.value, f"Not live: {MEANINGS[code]}.")
    raise Refused("LIVE_NOT_AVAILABLE", "Live accounts cannot be connected yet.")


@db.transaction
def record_verification(
    account: BrokerAccount,
    *,
    can_trade: bool | None,
    can_withdraw: bool | None,
    now: datetime,
    reason: str = "",
) -> AccountVerification:
    """What its venue said of its keys. Verified where they may trade and surely cannot withdraw."""
    return AccountVerification.objects.create(
        user_id=account.user_id,
        account=account,
        checked_at=now,
        is_verified=can_trade is True and can_withdraw is False,
        can_trade=can_trade,
        can_withdraw=can_withdraw,
        reason=reason,
    )


@db.transaction
def ensure_venue(code: str, name: str) -> Venue:
    """The venue of this code; made when it does not exist yet."""
    return Venue.objects.get_or_create(code=code, defaults={"name": name})[0]


@db.transaction
def declare_stops(venue: Venue, *, rests: bool) -> None:
    """Whether stops can stand there. It holds for what is written from now on: stops that stand
    stay where they are."""
    Venue.objects.filter(pk=venue.pk).update(rests_stops=rests)


@db.transaction
def refuse_on_paper(venue: Venue, kinds: Iterable[OrderType]) -> None:
    """Let its paper venue refuse these kinds of orders, and no others, from now on."""
    refused = sorted(kind.value for kind in kinds)
    Venue.objects.filter(pk=venue.pk).update(paper_refuses=refused)
