from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery

from apps.brokers.models import AccountVerification, BrokerAccount
from apps.common.models import Mode


def verified_live_account(user: Any, venues: QuerySet[Any]) -> BrokerAccount | None:
    """One of the user's at one of these venues (their codes), whose latest verification stands."""
    latest = AccountVerification.objects.filter(account=OuterRef("pk")).order_by("-pk")
    live: Any = BrokerAccount.objects.of(user).filter(mode=Mode.LIVE, venue__in=venues)
    verified = live.annotate(stands=Subquery(latest.values("is_verified")[:1])).filter(stands=True)
    found: BrokerAccount | None = verified.order_by("pk").first()
    return found
