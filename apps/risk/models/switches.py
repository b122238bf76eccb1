"""Kill switches."""

from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce

from apps.brokers.models import BrokerAccount, Venue
from apps.common.fields import LONGEST_NAME, LONGEST_REASON
from apps.market.models import Instrument
from apps.strategies.models import Strategy, StrategySubscription
from trading.gates.values import TradingState

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
    deletion. Per scope only one that staff have tripped stands at once; beside it one per automatic
    cause and, of a user, their own: so none takes another's with it when it ends.
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
    reason = models.CharField(max_length=LONGEST_REASON)
    source = models.CharField(max_length=10, choices=Source)
    cause = models.CharField(max_length=24, choices=Cause, blank=True)
    tripped_by = models.CharField(max_length=LONGEST_NAME)
    is_own = models.BooleanField(
        "own", default=False, db_default=False,
        help_text="A person's stop of their own trading, which no act of staff replaces.",
    )  # fmt: skip
    clock = models.ForeignKey(
        Venue, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False,
        help_text="Whose clock it ends by; empty: the wall's.",
    )  # fmt: skip
    market_time = models.DateTimeField(
        null=True, blank=True, help_text="What time it was on that clock when it was tripped."
    )
    tripped_at = models.DateTimeField()
    expires_at = models.DateTimeField(
        null=True, blank=True, help_text="It is reset then by itself; empty: never."
    )
    reset_by = models.CharField(max_length=LONGEST_NAME, blank=True)
    reset_reason = models.CharField(max_length=LONGEST_REASON, blank=True)
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
                fields=["scope", *TARGETS, "cause", "is_own"], condition=Q(reset_at=None),
                nulls_distinct=False, name="one_tripped_switch_per_scope",
            ),
            models.CheckConstraint(condition=_names_its_scope(), name="switch_names_its_scope"),
            models.CheckConstraint(
                condition=Q(source="automatic") & ~Q(cause="")
                | ~Q(source="automatic") & Q(cause=""),
                name="automatic_switch_has_a_cause",
            ),
            models.CheckConstraint(
                condition=Q(is_own=False) | Q(scope="user", cause="", expires_at=None),
                name="own_switch_is_a_persons_and_lasts",
            ),
            models.CheckConstraint(
                condition=Q(expires_at=None)
                | Q(expires_at__gt=Coalesce("market_time", "tripped_at")),
                name="switch_ends_after_it_began",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        target = self.scope if self.key is None else f"{self.scope} {self.key}"
        return f"switch {self.pk}: {target} {TradingState(self.state).name}"

    @property
    def key(self) -> int | str | None:
        """What the switch is for: the id of its target; None of the platform's."""
        found: int | str | None = getattr(self, f"{self.scope}_id", None)
        return found
