"""Certificates of versions. Who proves them decides; here it is written down."""

from datetime import datetime

from apps.common import db
from apps.events import services as events
from apps.strategies.models import IntegrityCertificate, StrategyVersion


@db.transaction
def certify(
    version: StrategyVersion, *, valid_from: datetime, valid_until: datetime
) -> IntegrityCertificate:
    """For the code and parameters as they are."""
    certificate = IntegrityCertificate.objects.create(
        version=version,
        content_hash=version.content_hash,
        valid_from=valid_from,
        valid_until=valid_until,
    )
    events.record(
        "certificate.issued", user_id=None, happened_at=valid_from, certificate=certificate.pk,
        version=version.pk, valid_until=valid_until.isoformat(),
    )  # fmt: skip
    return certificate


@db.transaction
def revoke(certificate: IntegrityCertificate, *, because: str, now: datetime) -> bool:
    """False = it was revoked before."""
    standing = IntegrityCertificate.objects.filter(pk=certificate.pk, revoked_at=None)
    is_revoked = bool(standing.update(revoked_at=now, revoked_because=because))
    if is_revoked:
        events.record(
            "certificate.revoked", user_id=None, happened_at=now, certificate=certificate.pk,
            version=certificate.version_id,
        )  # fmt: skip
    return is_revoked
