from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from apps.common.fields import LONGEST_NAME, LONGEST_REASON
from apps.common.models import MoneyField, OwnedModel
from trading.plans import PlanLimits
from trading.tiers import CapitalTier


class Plan(models.Model):
    """What somebody may pay for: one version of it. A new price or limit is a new version; whoever
    has the old one keeps it. An empty limit is none.
    """

    class Family(models.TextChoices):
        PLATFORM = "platform"
        MULTI_ASSET = "multi_asset"  # carries the limits of a capital tier
        ARCHIVED = "archived"  # of an older list: not sold, importable

    code = models.SlugField(max_length=30)
    version = models.PositiveSmallIntegerField(default=1)
    family = models.CharField(max_length=11, choices=Family)
    name = models.CharField(max_length=50)
    monthly = MoneyField(help_text="Price of a month.")
    yearly = MoneyField(null=True, blank=True, help_text="Empty = not sold by the year.")
    currency = models.CharField(max_length=10, default="USD")
    allows_live = models.BooleanField()
    most_notional = MoneyField(null=True, blank=True, help_text="Of one live order, in USD.")
    positions = models.PositiveSmallIntegerField(null=True, blank=True)
    trades_a_day = models.PositiveIntegerField(null=True, blank=True)
    requests_a_minute = models.PositiveIntegerField(null=True, blank=True)
    brokers = models.PositiveSmallIntegerField(null=True, blank=True)
    retention_days = models.PositiveIntegerField(null=True, blank=True)
    support = models.CharField(max_length=50, blank=True)
    features = ArrayField(models.CharField(max_length=30), default=list, blank=True)
    capital_tier = models.CharField(
        max_length=10, blank=True, choices=[(tier.value, tier.value) for tier in CapitalTier]
    )
    is_sold = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["code", "version"], name="plan_version_once"),
            models.UniqueConstraint(
                fields=["code"], condition=Q(is_sold=True), name="one_version_of_a_plan_is_sold"
            ),
            models.CheckConstraint(
                condition=Q(family="multi_asset") & ~Q(capital_tier="")
                | ~Q(family="multi_asset") & Q(capital_tier=""),
                name="plan_of_many_assets_names_a_tier",
            ),
            models.CheckConstraint(
                condition=~Q(family="archived", is_sold=True), name="archived_plan_is_not_sold"
            ),
            models.CheckConstraint(
                condition=Q(monthly__gte=0)
                & (Q(yearly=None) | Q(yearly__gte=0))
                & (Q(most_notional=None) | Q(most_notional__gte=0)),
                name="plan_prices_and_limits_make_sense",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.version}"

    @property
    def limits(self) -> PlanLimits:
        return PlanLimits(
            self.allows_live, self.most_notional, self.positions, self.trades_a_day,
            self.requests_a_minute,
        )  # fmt: skip


class Subscription(OwnedModel):
    """Which plan a person has; without one it is Free. Each change is a row of its own."""

    class Status(models.TextChoices):
        ACTIVE = "active"
        PAST_DUE = "past_due"  # a payment failed; the days of grace run
        CANCELED = "canceled"

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="subscriptions")
    status = models.CharField(max_length=8, choices=Status, default=Status.ACTIVE)
    started_at = models.DateTimeField()
    past_due_since = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    given_by = models.CharField(max_length=LONGEST_NAME, help_text="Who of the staff, or what.")
    reason = models.CharField(max_length=LONGEST_REASON)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=Q(ended_at=None), name="one_plan_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(status="active", past_due_since=None, ended_at=None)
                | Q(status="past_due", past_due_since__isnull=False, ended_at=None)
                | Q(status="canceled", ended_at__isnull=False),
                name="plan_subscription_status_fits_its_times",
            ),
        ]
        indexes = [models.Index(fields=["user", "-id"], name="plan_subscription_of_user")]

    def __str__(self) -> str:
        return f"plan subscription {self.pk}"
