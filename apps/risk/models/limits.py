"""What people and receipts say of limits."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from apps.common.fields import CompactJSONField
from apps.common.models import Mode, MoneyField, OwnedModel


class RiskLimits(OwnedModel):
    """What a person lets nobody exceed in their name, on paper or live. Empty = no limit of their
    own. Of these and all others the strictest holds. Fractions as in `trading.gates.bounds`.
    """

    mode = models.CharField(max_length=8, choices=Mode)
    most_notional = MoneyField(null=True, blank=True, help_text="Of one order.")
    most_share = MoneyField(null=True, blank=True, help_text="Of one order, of the equity.")
    positions = models.PositiveSmallIntegerField(null=True, blank=True)
    trades_a_day = models.PositiveIntegerField(null=True, blank=True)
    consecutive_losses = models.PositiveSmallIntegerField(null=True, blank=True)
    daily_loss = MoneyField(null=True, blank=True)
    daily_loss_money = MoneyField(null=True, blank=True, help_text="Lost in losing trades a day.")
    weekly_loss = MoneyField(null=True, blank=True)
    drawdown = MoneyField(null=True, blank=True)
    symbols = ArrayField(
        models.CharField(max_length=30), null=True, blank=True, help_text="Empty = every one."
    )
    window_days = ArrayField(
        models.PositiveSmallIntegerField(), null=True, blank=True,
        help_text="On which entries begin to be allowed: 0 is Monday.",
    )  # fmt: skip
    window_opens = models.TimeField(null=True, blank=True, help_text="UTC.")
    window_closes = models.TimeField(
        null=True, blank=True, help_text="UTC; not after it opens: on the next day."
    )
    changed_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "risk limits"
        constraints = [
            models.UniqueConstraint(fields=["user", "mode"], name="own_limits_once_per_mode"),
            models.CheckConstraint(
                condition=Q(mode__in=[Mode.PAPER, Mode.LIVE]), name="own_limits_paper_or_live"
            ),
            models.CheckConstraint(
                condition=(Q(most_notional=None) | Q(most_notional__gt=0))
                & (Q(daily_loss_money=None) | Q(daily_loss_money__gt=0))
                & (Q(most_share=None) | Q(most_share__gt=0, most_share__lte=1))
                & (Q(daily_loss=None) | Q(daily_loss__gt=0, daily_loss__lte=1))
                & (Q(weekly_loss=None) | Q(weekly_loss__gt=0, weekly_loss__lte=1))
                & (Q(drawdown=None) | Q(drawdown__gt=0, drawdown__lte=1)),
                name="own_limits_make_sense",
            ),
            models.CheckConstraint(
                condition=Q(window_days=None, window_opens=None, window_closes=None)
                | Q(
                    window_days__len__gt=0, window_opens__isnull=False, window_closes__isnull=False
                ),
                name="own_window_is_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.mode} limits {self.pk}"


class LimitSet(models.Model):
    """Every limit that held for a decision, with who set it: {name: [value, source]}, as
    `trading.gates.bounds` names them. Many decisions have the same; it is kept once.
    """

    digest = models.CharField(max_length=32, unique=True, help_text="Of the limits.")
    limits = CompactJSONField()

    def __str__(self) -> str:
        return f"limits {self.digest[:8]}"
