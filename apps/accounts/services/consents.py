from datetime import datetime

from apps.accounts.documents import Document
from apps.accounts.models import Consent, User
from apps.common import db
from apps.common.errors import Conflict
from apps.events import services as events


def give_consent(user: User, document: Document, version: str, *, now: datetime) -> Consent:
    """`version` is the one that the person was shown. Given twice it is given once. Raises Conflict
    DOCUMENT_CHANGED where it is not the one in force.
    """
    if version != document.version:
        raise Conflict("DOCUMENT_CHANGED", "Its words have changed: read it again.")
    return _give(user, document, now)


@db.transaction
def _give(user: User, document: Document, now: datetime) -> Consent:
    consent, is_new = Consent.objects.get_or_create(
        user=user, document=document.code, version=document.version, withdrawn_at=None,
        defaults={"given_at": now},
    )  # fmt: skip
    if is_new:
        _tell("consent.given", consent, now)
    return consent


@db.transaction
def withdraw_consent(user: User, document: Document, *, now: datetime) -> bool:
    """Of every version. False = there was none."""
    standing = Consent.objects.of(user).filter(document=document.code, withdrawn_at=None)
    consents = list(standing.select_for_update())
    Consent.objects.filter(pk__in=[each.pk for each in consents]).update(withdrawn_at=now)
    for consent in consents:
        _tell("consent.withdrawn", consent, now)
    return bool(consents)


def _tell(kind: str, consent: Consent, now: datetime) -> None:
    events.record(
        kind, user_id=consent.user_id, happened_at=now, consent=consent.pk,
        document=consent.document, version=consent.version,
    )  # fmt: skip
