from collections.abc import Iterable

from apps.accounts.models import User
from apps.brokers.models import BrokerAccount, Venue
from apps.common import db
from apps.common.errors import Refused
from apps.common.models import Mode
from trading.order_kinds import OrderType


@db.transaction
def open_account(
    user: User, venue: Venue, *, name: str, currency: str, mode: str = Mode.PAPER
) -> BrokerAccount:
    """An account of the user at the venue. Raises Refused LIVE_NOT_AVAILABLE,
    ACCOUNT_NAME_TAKEN."""
    if mode != Mode.PAPER:
        raise Refused("LIVE_NOT_AVAILABLE", "Live accounts cannot be connected yet.")
    if BrokerAccount.objects.of(user).filter(name=name).exists():
        raise Refused("ACCOUNT_NAME_TAKEN", f"You already have an account named {name}.")
    return BrokerAccount.objects.create(
        user=user, venue=venue, name=name, currency=currency, mode=mode
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
