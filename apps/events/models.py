from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from apps.common.models import OwnedQuerySet


class EventQuerySet(OwnedQuerySet["Event"]):
    """`of(user)` gives a person's own chain; the platform's is nobody's."""


EventManager = models.Manager.from_queryset(EventQuerySet)


class Event(models.Model):
    """A fact, told in the transaction that made it true. Unsealed until the relay gives it its
    place in the tenant's chain (`sequence`, `previous_hash`, `hash`). No user = the platform's own
    chain.

    The payload holds ids and numbers, never personal data: erasure must not break the chain.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True,
        on_delete=models.PROTECT, related_name="+", db_index=False,
    )  # fmt: skip
    kind = models.CharField(max_length=40)
    payload = models.JSONField()
    happened_at = models.DateTimeField(help_text="On the clock of the market or person concerned.")
    recorded_at = models.DateTimeField(auto_now_add=True, db_default=Now())
    sequence = models.BigIntegerField(null=True, editable=False)
    previous_hash = models.BinaryField(max_length=32, null=True)
    hash = models.BinaryField(max_length=32, null=True)
    relayed_at = models.DateTimeField(null=True, editable=False)

    objects = EventManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "sequence"], name="event_sequence_per_user"),
            models.UniqueConstraint(
                fields=["sequence"], condition=Q(user=None), name="event_sequence_of_platform"
            ),
        ]
        indexes = [
            models.Index(fields=["id"], condition=Q(sequence=None), name="event_unsealed"),
            models.Index(
                fields=["sequence", "id"], condition=Q(relayed_at=None), name="event_not_relayed"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"
