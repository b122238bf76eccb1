from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from apps.brokers.models import BrokerAccount, Venue
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


TARGETS = ("venue", "instrument", "strategy", "user", "account", "subscription")
"""The scopes of a kill switch below the platform, and the columns that name them."""


def _target(model: Any) -> Any:
    return models.ForeignKey(
        model, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )


def _names_its_scope() -> Q:
    """The column of its scope says which one, and no other column does."""
    empty = {f"{name}__isnull": True for name in TARGETS}
    allowed = Q(scope="platform", **empty)
    for name in TARGETS:
        allowed |= Q(scope=name, **{**empty, f"{name}__isnull": False})
    return allowed


class KillSwitch(models.Model):
    """A tripped switch: who stopped what, and why. Reset is a second act on the same row, never a
    deletion. Per scope only one that a person has tripped stands at once, and one per automatic
    cause beside it: so none that clears by itself takes a person's with it.
    """

    class Scope(models.TextChoices):
        """Each but the platform is named by the column of the same name."""

        PLATFORM = "platform"
        VENUE = "venue"
        INSTRUMENT = "instrument"
        STRATEGY = "strategy"
        USER = "user"
        ACCOUNT = "account", "Broker account"
        SUBSCRIPTION = "subscription"

    class Source(models.TextChoices):
        MANUAL = "manual", "Page"
        API = "api", "API"
        COMMAND = "command"
        ADMIN = "admin"
        AUTOMATIC = "automatic"

    class Cause(models.TextChoices):
        """Of a trip that nobody asked for."""

        DAILY_LOSS = "daily_loss"
        WEEKLY_LOSS = "weekly_loss"
        MAX_DRAWDOWN = "max_drawdown"
        CONSECUTIVE_LOSSES = "consecutive_losses"
        API_ERRORS = "api_errors", "API errors"
        BLACK_SWAN = "black_swan"
        STUCK_ORDERS = "stuck_orders"
        PLATFORM_EXPOSURE = "platform_exposure"
        BALANCE_JUMP = "balance_jump"
        RECONCILIATION_DRIFT = "reconciliation_drift"
        KEY_PERMISSIONS = "key_permissions"

    scope = models.CharField(max_length=12, choices=Scope)
    venue = _target(Venue)
    instrument = _target(Instrument)
    strategy = _target(Strategy)
    user = _target(settings.AUTH_USER_MODEL)
    account = _target(BrokerAccount)
    subscription = _target(StrategySubscription)
    state = models.PositiveSmallIntegerField(
        choices=[(member.value, member.name) for member in TradingState if member.value]
    )
    reason = models.CharField(max_length=200)
    source = models.CharField(max_length=10, choices=Source)
    cause = models.CharField(max_length=24, choices=Cause, blank=True)
    tripped_by = models.CharField(max_length=100)
    tripped_at = models.DateTimeField()
    expires_at = models.DateTimeField(
        null=True, blank=True, help_text="It is reset then by itself; empty: never."
    )
    reset_by = models.CharField(max_length=100, blank=True)
    reset_reason = models.CharField(max_length=200, blank=True)
    reset_at = models.DateTimeField(null=True, blank=True)
    order_ids = ArrayField(
        models.BigIntegerField(), default=list, db_default=[], editable=False,
        help_text="The orders that were to end when it was tripped, and those found later.",
    )  # fmt: skip
    position_ids = ArrayField(
        models.BigIntegerField(), default=list, db_default=[], editable=False,
        help_text="The positions that were open when it was tripped, and those found later.",
    )  # fmt: skip
    drained_at = models.DateTimeField(
        null=True, blank=True, help_text="When all of it was first seen to have ended."
    )

    class Meta:
        verbose_name_plural = "kill switches"
        permissions = [
            ("trip_killswitch", "Can trip a kill switch"),
            ("reset_killswitch", "Can reset a kill switch"),  # more than to trip one
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["scope", *TARGETS, "cause"], condition=Q(reset_at=None),
                nulls_distinct=False, name="one_tripped_switch_per_scope",
            ),
            models.CheckConstraint(condition=_names_its_scope(), name="switch_names_its_scope"),
            models.CheckConstraint(
                condition=Q(source="automatic") & ~Q(cause="")
                | ~Q(source="automatic") & Q(cause=""),
                name="automatic_switch_has_a_cause",
            ),
            models.CheckConstraint(
                condition=Q(expires_at=None) | Q(expires_at__gt=F("tripped_at")),
                name="switch_ends_after_it_began",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.scope} {TradingState(self.state).name}"

    @property
    def key(self) -> int | str | None:
        """What the switch is for: the id of its target; None of the platform's."""
        found: int | str | None = getattr(self, f"{self.scope}_id", None)
        return found
