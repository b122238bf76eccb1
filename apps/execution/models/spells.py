"""When a position stood without what its plan asked for, and who watches where no venue does."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from apps.brokers.models import Venue
from apps.common.fields import choices
from apps.common.models import OwnedModel
from apps.execution.models.positions import Position
from trading.rungs import Rung


class NakedSpell(OwnedModel):
    """From when to when the sweep found a position naked that was not to be, on the wall clock. Its
    owner is told once: then `told_at` is set.
    """

    position = models.ForeignKey(Position, on_delete=models.PROTECT, related_name="+")
    sequence = models.PositiveIntegerField(help_text="The round trip of the position.")
    began_at = models.DateTimeField()
    told_at = models.DateTimeField(null=True, help_text="When its owner was told; empty = not yet.")
    rungs = ArrayField(
        models.CharField(max_length=16, choices=choices(Rung)), default=list, db_default=[],
        blank=True, help_text="What was tried in it, in this order.",
    )  # fmt: skip
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


class PriceWatch(models.Model):
    """That somebody looks after the stops that we hold ourselves. Without a look of late they
    protect nothing, and their positions count as naked.
    """

    venue = models.OneToOneField(
        Venue, on_delete=models.PROTECT, primary_key=True, related_name="+"
    )
    looked_at = models.DateTimeField(help_text="By the wall clock.")
    through = models.DateTimeField(help_text="On the venue's clock: the newest price looked at.")

    class Meta:
        verbose_name_plural = "price watches"

    def __str__(self) -> str:
        return f"{self.venue_id} through {self.through:%Y-%m-%d %H:%M}"
