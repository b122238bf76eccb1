"""How subscriptions and accounts stand on a day."""

from django.db import models

from apps.brokers.models import BrokerAccount
from apps.common.models import Mode, MoneyField, OwnedModel
from apps.market.models import Instrument
from apps.strategies.models import StrategySubscription


class RiskState(OwnedModel):
    """What a subscription has won or lost on one day of its venue: what it realised, and its open
    profit now less that with which the day began. A row per subscription, locked while it is
    decided about.
    """

    subscription = models.OneToOneField(
        StrategySubscription, on_delete=models.PROTECT, related_name="risk_state"
    )
    mode = models.CharField(max_length=8, choices=Mode)
    day = models.DateField(help_text="Of the venue's clock, UTC.")
    realised_pnl = MoneyField(help_text="On that day, after fees, in quote currency.")
    open_at_midnight = MoneyField(
        null=True,
        default=0,
        db_default=0,
        help_text="Open profit at 00:00 UTC of that day; empty where a price was missing.",
    )

    def __str__(self) -> str:
        return f"risk state {self.pk}"


class AccountRisk(OwnedModel):
    """What an account's loss limits are held against (`trading/account_days.py`). A row per
    account, written under the account's lock; equities are empty where a price was missing.
    """

    account = models.OneToOneField(
        BrokerAccount, on_delete=models.PROTECT, related_name="risk_state"
    )
    mode = models.CharField(max_length=8, choices=Mode)
    day = models.DateField(help_text="Of the venue's clock, UTC.")
    start_of_day_equity = MoneyField(
        null=True, help_text="At 00:00 UTC, scaled by deposits and withdrawals since."
    )
    start_of_week_equity = MoneyField(
        null=True, help_text="On Monday at 00:00 UTC, scaled by deposits and withdrawals since."
    )
    peak_equity = MoneyField(
        null=True, help_text="The highest, scaled by deposits and withdrawals since."
    )
    measured_equity = MoneyField(
        null=True,
        help_text="When it last had moved by 5 percent, scaled by deposits and withdrawals.",
    )
    trades_today = models.PositiveIntegerField(default=0, help_text="Entries that were ordered.")
    lost_today = MoneyField(help_text="In losing trades; winning ones do not make up for it.")
    consecutive_losses = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name_plural = "account risk"

    def __str__(self) -> str:
        return f"risk of account {self.account_id}"


class CoolDown(OwnedModel):
    """Nothing is entered before it is over: the position was closed by hand."""

    account = models.ForeignKey(
        BrokerAccount, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    instrument = models.ForeignKey(Instrument, on_delete=models.PROTECT, related_name="+")
    mode = models.CharField(max_length=8, choices=Mode)
    until = models.DateTimeField(help_text="On the venue's clock.")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "instrument"], name="one_cool_down_per_account_and_instrument"
            ),
        ]

    def __str__(self) -> str:
        return f"cool-down until {self.until:%Y-%m-%d %H:%M}"


class VenueError(OwnedModel):
    """A request of a live account that its venue did not answer, or answered with a failure of its
    own. Settled ones no longer count: a person has reset the switch that they tripped.
    """

    account = models.ForeignKey(
        BrokerAccount, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    mode = models.CharField(max_length=8, choices=Mode)
    code = models.CharField(max_length=64, help_text="The venue's own, or ours: unavailable.")
    happened_at = models.DateTimeField(help_text="On the venue's clock.")
    is_settled = models.BooleanField(default=False)

    class Meta:
        indexes = [
            models.Index(
                fields=["user", "happened_at"],
                condition=models.Q(is_settled=False),
                name="venue_error_of_user",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} of account {self.account_id}"
