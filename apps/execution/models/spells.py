"""When a position stood without what its plan asked for."""

from django.db import models
from django.db.models import Q

from apps.common.models import OwnedModel
from apps.execution.models.positions import Position


class NakedSpell(OwnedModel):
    """From when to when the sweep found a position naked that was not to be, on the wall clock. Its
    owner is told once: then `told_at` is set.
    """

    position = models.ForeignKey(Position, on_delete=models.PROTECT, related_name="+")
    sequence = models.PositiveIntegerField(help_text="The round trip of the position.")
    began_at = models.DateTimeField()
    told_at = models.DateTimeField(null=True, help_text="When its owner was told; empty = not yet.")
    ended_at = models.DateTimeField(null=True, help_text="Empty = it is still naked.")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["position"], condition=Q(ended_at=None), name="naked_spell_once"
            ),
        ]
        indexes = [models.Index(fields=["user", "-id"], name="naked_spell_of_user")]

    def __str__(self) -> str:
        return f"naked spell {self.pk}"
