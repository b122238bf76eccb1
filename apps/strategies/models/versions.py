"""What is run, and that it has been proved."""

from decimal import Decimal
from functools import cached_property
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from apps.common.fields import choices
from apps.common.models import MoneyField
from apps.market.models import TIMEFRAMES, Instrument
from trading.regime import Regime
from trading.sizing import SizingPolicy
from trading.strategies import REGISTRY


class Strategy(models.Model):
    code = models.SlugField(max_length=50, unique=True)
    name = models.CharField(max_length=100)
    description = models.TextField(blank=True)

    class Meta:
        verbose_name_plural = "strategies"

    def __str__(self) -> str:
        return self.name


class StrategyVersion(models.Model):
    """Code, parameters, instruments and timeframe, fixed for good: a change is a new version.

    `sizing` says what a size is made of: the loss at the stop, or the fraction that a signal says.
    The last five columns are what a subscription inherits where it sets none.
    """

    strategy = models.ForeignKey(Strategy, on_delete=models.PROTECT, related_name="versions")
    number = models.CharField(max_length=20, help_text="As in 1.0.0.")
    parameters = models.JSONField(default=dict)
    content_hash = models.CharField(max_length=64)
    timeframe = models.CharField(max_length=3, choices=TIMEFRAMES)
    instruments = models.ManyToManyField(Instrument, related_name="+")
    warmup_candles = models.PositiveIntegerField()
    is_active = models.BooleanField(default=True, help_text="Runs at every close.")
    created_at = models.DateTimeField(auto_now_add=True)
    blocked_regimes = ArrayField(
        models.CharField(max_length=15, choices=choices(Regime)), default=list, db_default=[],
        blank=True, help_text="Kinds of market in which nothing is entered; empty = none.",
    )  # fmt: skip
    sizing = models.CharField(
        max_length=8, choices=choices(SizingPolicy),
        default=SizingPolicy.RISK.value, db_default=SizingPolicy.RISK.value,
    )  # fmt: skip

    capital = MoneyField(default=Decimal(1000))
    risk_per_trade = MoneyField(default=Decimal("0.01"), help_text="A fraction of the capital.")
    leverage = MoneyField(default=Decimal(1))
    max_positions = models.PositiveSmallIntegerField(default=1)
    max_daily_loss = MoneyField(default=Decimal("0.05"), help_text="A fraction of the capital.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["strategy", "number"], name="strategy_version_once"),
            models.CheckConstraint(
                condition=Q(
                    capital__gt=0, risk_per_trade__gt=0, risk_per_trade__lte=1,
                    leverage__gte=1, max_daily_loss__gt=0, max_daily_loss__lte=1,
                ),
                name="version_settings_make_sense",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.strategy.name} {self.number} {self.timeframe}"

    @cached_property
    def parsed(self) -> Any:
        """The parameters as its strategy takes them; read once, since they never change. Raises
        ParametersNotUsable.
        """
        return REGISTRY[self.strategy.code].parse(self.parameters)


class IntegrityCertificate(models.Model):
    """That a version has been proved, for a while: no foresight, enough warm-up, the same answer
    again, in time. It is of the code and parameters with this hash, and may be revoked.
    """

    version = models.ForeignKey(
        StrategyVersion, on_delete=models.PROTECT, related_name="certificates"
    )
    content_hash = models.CharField(max_length=64)
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    revoked_because = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_until__gt=F("valid_from")), name="certificate_lasts_a_while"
            ),
        ]

    def __str__(self) -> str:
        return f"certificate {self.pk}"
