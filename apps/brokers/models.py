from django.contrib.postgres.fields import ArrayField
from django.db import models

from apps.common.fields import choices
from apps.common.models import Mode, OwnedModel
from trading.order_kinds import STOPS, OrderType


class Venue(models.Model):
    """An exchange or broker, or a recording of one."""

    code = models.SlugField(max_length=30, primary_key=True)
    name = models.CharField(max_length=100)
    rests_stops = models.BooleanField(
        default=True, db_default=True,
        help_text="A stop can stand there, as its adapter declares. Where none can, we watch the "
        "price ourselves and leave at market.",
    )  # fmt: skip
    paper_refuses = ArrayField(
        models.CharField(max_length=20, choices=choices(OrderType)), default=list, blank=True,
        db_default=[],
        help_text="Order types that its paper venue refuses, to try what follows from that.",
    )  # fmt: skip

    def __str__(self) -> str:
        return self.name

    @property
    def refused_on_paper(self) -> frozenset[OrderType]:
        declared = frozenset(OrderType(kind) for kind in self.paper_refuses)
        return declared if self.rests_stops else declared | STOPS


class BrokerAccount(OwnedModel):
    """A user's account at a venue. `mode` decides for good whether its orders can ever leave the
    house."""

    venue = models.ForeignKey(Venue, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=100)
    mode = models.CharField(max_length=8, choices=Mode)
    currency = models.CharField(max_length=10)
    paper_slippage_bps = models.PositiveSmallIntegerField(
        default=5, help_text="What a paper market or stop order pays beside the price, in 1/10,000."
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "name"], name="broker_account_name_once"),
            models.CheckConstraint(
                condition=models.Q(mode__in=[Mode.PAPER, Mode.LIVE]),
                name="broker_account_is_paper_or_live",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.mode})"


class AccountVerification(OwnedModel):
    """What was found when an account's keys were tried; the latest counts. Verified is who may
    trade and cannot withdraw. None = the venue does not tell.
    """

    account = models.ForeignKey(
        BrokerAccount, on_delete=models.PROTECT, related_name="verifications"
    )
    checked_at = models.DateTimeField()
    is_verified = models.BooleanField()
    can_trade = models.BooleanField(null=True)
    can_withdraw = models.BooleanField(null=True)
    reason = models.CharField(max_length=200, blank=True, help_text="Why it is not verified.")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(is_verified=False)
                | models.Q(can_trade=True, can_withdraw=False),
                name="verified_may_trade_and_not_withdraw",
            ),
        ]
        indexes = [models.Index(fields=["user", "-id"], name="verification_of_user")]

    def __str__(self) -> str:
        return f"verification {self.pk}"
