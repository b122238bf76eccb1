from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from apps.brokers.models import BrokerAccount
from apps.common.fields import CompactJSONField, choices
from apps.common.models import Mode, MoneyField, OwnedModel
from apps.market.models import Instrument
from apps.strategies.models import Signal, Strategy, StrategySubscription
from trading.gates.values import Outcome, TradingState


class RiskState(OwnedModel):
    """What a subscription has won or lost on one day of its venue. A row per subscription, locked
    while it is decided about.
    """

    subscription = models.OneToOneField(
        StrategySubscription, on_delete=models.PROTECT, related_name="risk_state"
    )
    mode = models.CharField(max_length=8, choices=Mode)
    day = models.DateField(help_text="Of the venue's clock, UTC.")
    realised_pnl = MoneyField(help_text="On that day, after fees, in quote currency.")

    def __str__(self) -> str:
        return f"risk state {self.pk}"


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
        ]

    def __str__(self) -> str:
        return f"{self.mode} limits {self.pk}"


class Decision(OwnedModel):
    """The receipt: what we answered one subscription to one signal, and why.

    `verdicts` is one compact array, a row per gate: [gate number, status, code, observed, limit].
    `settings` are the resolved limits: [capital, risk per trade, leverage, positions, daily loss].
    """

    signal = models.ForeignKey(Signal, on_delete=models.PROTECT, related_name="+", db_index=False)
    subscription = models.ForeignKey(
        StrategySubscription, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    account = models.ForeignKey(
        BrokerAccount, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    instrument = models.ForeignKey(
        Instrument, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    mode = models.CharField(max_length=8, choices=Mode)
    action = models.CharField(max_length=12)
    outcome = models.CharField(max_length=8, choices=choices(Outcome))
    code = models.CharField(max_length=30, blank=True)
    sized_down_by = models.CharField(max_length=30, blank=True)
    quantity = MoneyField()
    reference_price = MoneyField()
    settings = CompactJSONField()
    verdicts = CompactJSONField()
    decided_at = models.DateTimeField(help_text="On the venue's clock.")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["signal", "subscription"], name="decision_once"),
        ]
        indexes = [models.Index(fields=["user", "-id"], name="decision_of_user")]

    def __str__(self) -> str:
        return f"decision {self.pk}"


class KillSwitch(models.Model):
    """A tripped switch: who stopped what, and why. Reset is a second act on the same row, never a
    deletion; only one is tripped per scope.
    """

    class Scope(models.TextChoices):
        PLATFORM = "platform"
        USER = "user"
        STRATEGY = "strategy"

    scope = models.CharField(max_length=8, choices=Scope)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    strategy = models.ForeignKey(
        Strategy, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    state = models.PositiveSmallIntegerField(
        choices=[(member.value, member.name) for member in TradingState if member.value]
    )
    reason = models.CharField(max_length=200)
    tripped_by = models.CharField(max_length=100)
    tripped_at = models.DateTimeField()
    reset_by = models.CharField(max_length=100, blank=True)
    reset_reason = models.CharField(max_length=200, blank=True)
    reset_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "kill switches"
        permissions = [("reset_killswitch", "Can reset a kill switch")]  # more than to trip one
        constraints = [
            models.UniqueConstraint(
                fields=["scope", "user", "strategy"], condition=Q(reset_at=None),
                nulls_distinct=False, name="one_tripped_switch_per_scope",
            ),
            models.CheckConstraint(
                condition=Q(scope="platform", user=None, strategy=None)
                | Q(scope="user", user__isnull=False, strategy=None)
                | Q(scope="strategy", user=None, strategy__isnull=False),
                name="switch_names_its_scope",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.scope} {TradingState(self.state).name}"
