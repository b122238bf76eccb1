from decimal import Decimal
from functools import cached_property
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from apps.brokers.models import BrokerAccount
from apps.common.fields import choices
from apps.common.models import Mode, MoneyField, OwnedModel
from apps.market.models import TIMEFRAMES, Instrument
from trading.gates.execution_mode import ExecutionMode
from trading.order_kinds import OrderType, TimeInForce
from trading.regime import Regime
from trading.signals import Action, OffsetType
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
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["version", "account"], condition=Q(ended_at=None),
                name="one_running_subscription_per_version_and_account",
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
    def code(self) -> str:
        """The reason for those who follow. Where in its code a strategy went wrong is for staff and
        its author."""
        return self.FAILED_CODE if self.status == Run.Status.FAILED else self.reason


class Signal(models.Model):
    """An opinion, whoever had it: `source` and `source_key` say who, once."""

    class Source(models.TextChoices):
        RUN = "run"
        WEBHOOK = "webhook"
        COPY = "copy"
        MANUAL = "manual"

    source = models.CharField(max_length=8, choices=Source)
    source_key = models.CharField(max_length=100, help_text="Of a run: run:sequence.")
    run = models.ForeignKey(Run, null=True, on_delete=models.PROTECT, related_name="signals")
    version = models.ForeignKey(StrategyVersion, on_delete=models.PROTECT, related_name="+")
    instrument = models.ForeignKey(Instrument, on_delete=models.PROTECT, related_name="+")
    action = models.CharField(max_length=12, choices=choices(Action))
    reference_price = MoneyField()
    order_type = models.CharField(
        max_length=20, choices=choices(OrderType),
        default=OrderType.MARKET.value, db_default=OrderType.MARKET.value,
    )  # fmt: skip
    limit_price = MoneyField(null=True, help_text="The worst price that its entry may take.")
    trigger_price = MoneyField(null=True, help_text="From where on its entry is made.")
    time_in_force = models.CharField(
        max_length=3, choices=choices(TimeInForce),
        default=TimeInForce.GTC.value, db_default=TimeInForce.GTC.value,
    )  # fmt: skip
    post_only = models.BooleanField(default=False, db_default=False)
    stop_price = MoneyField(null=True)
    target_price = MoneyField(null=True)
    stop_limit_price = MoneyField(null=True, help_text="The worst price that its stop may take.")
    trailing_offset = MoneyField(
        null=True, help_text="How far behind the best price its stop follows."
    )
    trailing_offset_type = models.CharField(
        max_length=12, blank=True, db_default="",
        choices=choices(OffsetType),
    )  # fmt: skip
    ladder = models.JSONField(
        null=True, blank=True, help_text="How its position is taken down step by step."
    )
    size_fraction = MoneyField(
        null=True, help_text="The part of the capital that it would put in; empty = it said none."
    )
    tag = models.CharField(max_length=40, blank=True)
    note = models.CharField(
        max_length=40, blank=True, help_text="A code for what could not be part of the signal."
    )
    candle_close_time = models.DateTimeField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "source_key"], name="signal_once"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.pk}"
