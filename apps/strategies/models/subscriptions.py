"""Who follows a version, on which account, within which limits."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from apps.brokers.models import BrokerAccount
from apps.common.fields import choices
from apps.common.models import Mode, MoneyField, OwnedModel
from apps.strategies.models.versions import StrategyVersion
from trading.gates.execution_mode import ExecutionMode


class StrategySubscription(OwnedModel):
    """A user's capital and limits on one version, on one account. Empty = as the version says."""

    version = models.ForeignKey(StrategyVersion, on_delete=models.PROTECT, related_name="+")
    account = models.ForeignKey(BrokerAccount, on_delete=models.PROTECT, related_name="+")
    mode = models.CharField(max_length=8, choices=Mode)
    instrument_ids = ArrayField(
        models.BigIntegerField(), null=True, blank=True,
        help_text="A part of the version's instruments; empty = all of them.",
    )  # fmt: skip
    capital = MoneyField(null=True, blank=True)
    risk_per_trade = MoneyField(null=True, blank=True)
    leverage = MoneyField(null=True, blank=True)
    max_positions = models.PositiveSmallIntegerField(null=True, blank=True)
    max_daily_loss = MoneyField(null=True, blank=True)
    execution = models.CharField(
        max_length=9, choices=choices(ExecutionMode), default=ExecutionMode.AUTOMATIC.value,
        db_default=ExecutionMode.AUTOMATIC.value,
        help_text="Of entries: watch writes receipts only, approve asks its owner for each, "
        "automatic orders. Exits always leave.",
    )  # fmt: skip
    is_paused = models.BooleanField(default=False)
    ended_at = models.DateTimeField(null=True, blank=True)
    is_by_hand = models.BooleanField(
        default=False, db_default=False,
        help_text="Of its account, for what a person or a client orders themselves; not in lists.",
    )  # fmt: skip
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["version", "account"], condition=Q(ended_at=None),
                name="one_running_subscription_per_version_and_account",
            ),
            models.UniqueConstraint(
                fields=["account"], condition=Q(is_by_hand=True),
                name="one_subscription_by_hand_per_account",
            ),
            models.CheckConstraint(
                condition=Q(is_by_hand=False) | Q(is_paused=False, ended_at=None),
                name="subscription_by_hand_always_runs",
            ),
            models.CheckConstraint(
                condition=Q(mode__in=[Mode.PAPER, Mode.LIVE]), name="subscription_is_paper_or_live"
            ),
            models.CheckConstraint(
                condition=(Q(capital=None) | Q(capital__gt=0))
                & (Q(risk_per_trade=None) | Q(risk_per_trade__gt=0, risk_per_trade__lte=1))
                & (Q(leverage=None) | Q(leverage__gte=1))
                & (Q(max_daily_loss=None) | Q(max_daily_loss__gt=0, max_daily_loss__lte=1)),
                name="subscription_settings_make_sense",
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["user"], name="subscription_of_user"),
            models.Index(
                fields=["version", "user"], condition=Q(ended_at=None), name="subscription_running"
            ),
        ]

    def __str__(self) -> str:
        return f"subscription {self.pk}"
