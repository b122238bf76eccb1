"""Backtests that people ask for, and what came of them."""

import json
import zlib
from functools import cached_property
from typing import Any

from django.db import models
from django.db.models import F, Q

from apps.common.models import Mode, OwnedModel
from apps.market.models import TIMEFRAMES, Instrument
from apps.strategies.models import StrategyVersion


class BacktestResult(models.Model):
    """What one computation gave, whoever asked for it: nobody's own, and reached only through a run
    of one's own. Written once and never changed.

    `content_hash` is of all that went in (`services/hashing.py`): the same again is not computed
    again. `metrics` are those of the payload, for lists.
    """

    content_hash = models.CharField(max_length=64, unique=True)
    engine_version = models.CharField(max_length=16)
    data_hash = models.CharField(max_length=64)
    metrics = models.JSONField()
    packed = models.BinaryField(help_text="The payload as JSON, compressed by zlib.")
    page = models.BinaryField(
        null=True, help_text="What its page shows of the payload (services/showing.py)."
    )
    closes = models.PositiveIntegerField(help_text="That were gone through.")
    seconds = models.FloatField(help_text="That it took to compute.")
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.content_hash[:12]

    @cached_property
    def payload(self) -> dict[str, Any]:
        """The object that `manage.py backtest --json --equity` prints (`services/telling.py`)."""
        found: dict[str, Any] = json.loads(zlib.decompress(self.packed))
        return found


class BacktestRun(OwnedModel):
    """One backtest of one person: from the asking until it is done, canceled or failed.

    A worker takes it by raising `attempt`, and writes only while that number is still its own and
    the run is running: of two workers that hold it to be theirs, one can finish it.
    """

    class State(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        DONE = "done"
        CANCELED = "canceled"
        FAILED = "failed"

    UNFINISHED = (State.QUEUED, State.RUNNING)

    mode = models.CharField(max_length=8, choices=Mode, default=Mode.BACKTEST)
    strategy_version = models.ForeignKey(
        StrategyVersion, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    instruments = models.ManyToManyField(Instrument, related_name="+")
    timeframe = models.CharField(
        max_length=3, choices=TIMEFRAMES, help_text="Of the candles that the strategy looks at."
    )
    finest = models.CharField(
        max_length=3, choices=TIMEFRAMES, help_text="Of the candles that orders meet."
    )
    began_at = models.DateTimeField(
        null=True, blank=True,
        help_text="Closes after it are traded, those before are history; empty = from the first.",
    )  # fmt: skip
    until = models.DateTimeField(help_text="The last close; on the clock of the venue.")
    settings = models.JSONField(help_text="As services/terms.py says.")
    request_hash = models.CharField(max_length=64, help_text="Of what was asked for.")
    request_key = models.CharField(
        max_length=64, blank=True, help_text="By which who asks knows it again; may be empty."
    )

    state = models.CharField(max_length=8, choices=State, default=State.QUEUED)
    attempt = models.PositiveSmallIntegerField(default=0, help_text="How often a worker took it.")
    done = models.PositiveIntegerField(default=0, help_text="Closes.")
    total = models.PositiveIntegerField(null=True, help_text="Closes; empty = not known yet.")
    content_hash = models.CharField(
        max_length=64, blank=True, help_text="Of all that goes in; empty = not known yet."
    )
    result = models.ForeignKey(
        BacktestResult, null=True, on_delete=models.PROTECT, related_name="+"
    )
    is_from_cache = models.BooleanField(default=False, help_text="Computed for an earlier run.")
    code = models.CharField(max_length=40, blank=True, help_text="Of a failure.")
    message = models.CharField(max_length=500, blank=True, help_text="Of a failure, in words.")
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, help_text="When a worker last took it.")
    heartbeat_at = models.DateTimeField(
        help_text="When a worker last wrote that it is at it; while queued: when it was last sent."
    )
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "request_hash"], condition=Q(finished_at=None),
                name="backtest_once_at_a_time",
            ),
            models.UniqueConstraint(
                fields=["user", "request_key"], condition=~Q(request_key=""),
                name="backtest_once_per_key",
            ),
            models.CheckConstraint(
                condition=Q(mode=Mode.BACKTEST), name="backtest_is_a_backtest"
            ),
            models.CheckConstraint(
                condition=Q(began_at=None) | Q(began_at__lt=F("until")),
                name="backtest_period_is_one",
            ),
            models.CheckConstraint(
                condition=Q(total=None, done=0) | Q(done__lte=F("total")),
                name="backtest_progress_is_a_part",
            ),
            models.CheckConstraint(
                condition=(
                    Q(state="queued", finished_at=None, result=None, code="")
                    | Q(state="running", finished_at=None, result=None, code="", attempt__gt=0)
                    & Q(started_at__isnull=False)
                    | Q(state="canceled", finished_at__isnull=False, result=None, code="")
                    | Q(state="failed", finished_at__isnull=False, result=None) & ~Q(code="")
                    | Q(state="done", finished_at__isnull=False, result__isnull=False, code="")
                    & ~Q(content_hash="")
                ),
                name="backtest_state_is_whole",
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["user", "-id"], name="backtest_of_user"),
            models.Index(
                fields=["heartbeat_at"], condition=Q(finished_at=None), name="backtest_unfinished"
            ),
        ]

    def __str__(self) -> str:
        return f"backtest {self.pk}"

    @property
    def is_finished(self) -> bool:
        return self.state not in self.UNFINISHED

    @property
    def progress(self) -> float | None:
        """The part that is done, 0 to 1; None = not known yet."""
        return self.done / self.total if self.total else None
