"""The looks of versions at candles."""

from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from apps.market.models import TIMEFRAMES, Instrument
from apps.strategies.models.versions import StrategyVersion


class Run(models.Model):
    """One look of one version at one closed candle. Unique, so it happens once, whoever tries.

    `subscription_ids` is the cut-off: who subscribed when the strategy had spoken. Each of them
    gets exactly one decision for each signal; `expected` counts them.
    """

    class Status(models.TextChoices):
        COMPLETED = "completed"
        WARMING_UP = "warming_up"
        FAILED = "failed"
        MISSED = "missed"

    LONGEST_REASON = 200
    FAILED_CODE = "STRATEGY_FAILED"

    version = models.ForeignKey(StrategyVersion, on_delete=models.PROTECT, related_name="+")
    instrument = models.ForeignKey(Instrument, on_delete=models.PROTECT, related_name="+")
    timeframe = models.CharField(max_length=3, choices=TIMEFRAMES)
    candle_close_time = models.DateTimeField()
    status = models.CharField(max_length=10, choices=Status)
    reason = models.CharField(max_length=LONGEST_REASON, blank=True)
    candles_seen = models.PositiveIntegerField(default=0)
    candles_hash = models.CharField(
        max_length=64, blank=True, help_text="Of the candles that it saw; `manage.py replay`."
    )
    subscription_ids = ArrayField(models.BigIntegerField(), default=list)
    expected = models.PositiveIntegerField(default=0)
    decided_at = models.DateTimeField(
        null=True, help_text="When every expected decision had been made."
    )
    failing = models.JSONField(
        default=dict,
        db_default={},
        help_text="By subscription: since when nobody can decide it, on the venue's clock.",
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["version", "instrument", "timeframe", "candle_close_time"],
                name="run_once_per_close",
            ),
        ]
        indexes = [
            models.Index(
                fields=["id"], condition=Q(expected__gt=0, decided_at=None), name="run_undecided"
            ),
        ]

    def __str__(self) -> str:
        return f"run {self.pk}"

    @property
    def failing_since(self) -> dict[int, datetime]:
        return {int(pk): datetime.fromisoformat(since) for pk, since in self.failing.items()}

    @property
    def code(self) -> str:
        """The reason for those who follow. Where in its code a strategy went wrong is for staff and
        its author."""
        return self.FAILED_CODE if self.status == Run.Status.FAILED else self.reason
