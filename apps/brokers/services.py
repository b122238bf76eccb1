from apps.accounts.models import User
from apps.brokers.models import BrokerAccount, Venue
from apps.common import db
from apps.common.errors import Refused
from apps.common.models import Mode


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
