"""What is held and what came of it: positions, why we close them, round trips, funding."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from apps.brokers.models import BrokerAccount
from apps.common.fields import LONGEST_NAME, LONGEST_REASON, choices
from apps.common.models import Mode, MoneyField, OwnedModel
from apps.market.models import FundingRate, Instrument
from apps.strategies.models import StrategySubscription
from trading.exits import ExitReason
from trading.money import ZERO
from trading.signals import Direction


class Position(OwnedModel):
    """What one subscription holds of one instrument: a ledger of its own within the account.

    The row stays when the position is closed; each round trip becomes a Trade. `trade_sequence`
    counts the round trips begun; the entry and exit sums belong to the one that is open.
    """

    account = models.ForeignKey(BrokerAccount, on_delete=models.PROTECT, related_name="+")
    subscription = models.ForeignKey(
        StrategySubscription, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    instrument = models.ForeignKey(Instrument, on_delete=models.PROTECT, related_name="+")
    mode = models.CharField(max_length=8, choices=Mode)
    quantity = MoneyField(help_text="Signed: a short is negative.")
    cost = MoneyField(help_text="Of what is held, without fees; signed.")
    entry_quantity = MoneyField()
    entry_value = MoneyField()
    exit_quantity = MoneyField()
    exit_value = MoneyField()
    fees = MoneyField(help_text="Of the round trip that is open.")
    funding = MoneyField(
        default=ZERO, db_default=ZERO,
        help_text="Got (negative: paid) in the round trip that is open.",
    )  # fmt: skip
    settled = MoneyField(
        default=ZERO, db_default=ZERO,
        help_text="What the round trip that is open had brought when it last ended but for dust.",
    )  # fmt: skip
    lost = MoneyField(
        default=ZERO, db_default=ZERO,
        help_text="What it has lost since then, as far as limits on losses have counted it.",
    )  # fmt: skip
    realised_pnl = MoneyField(help_text="Of all round trips, before fees, funding included.")
    trade_sequence = models.PositiveIntegerField(default=0)
    opened_at = models.DateTimeField(null=True)

    class Meta:
        permissions = [("close_position", "Can close a position at market")]
        constraints = [
            models.UniqueConstraint(
                fields=["subscription", "instrument"], name="position_once_per_subscription"
            ),
        ]
        indexes = [
            models.Index(fields=["user"], name="position_of_user"),
            models.Index(fields=["instrument"], condition=~Q(quantity=0), name="position_open"),
        ]

    def __str__(self) -> str:
        return f"position {self.pk}"


class Exit(OwnedModel):
    """Why we close a position of our own accord, where a Decision stands for an order from a
    signal."""

    position = models.ForeignKey(Position, on_delete=models.PROTECT, related_name="+")
    cause = models.CharField(max_length=12, choices=choices(ExitReason))
    level = models.PositiveSmallIntegerField(default=0, help_text="The rung of a ladder.")
    sequence = models.PositiveIntegerField(help_text="The round trip of the position.")
    attempt = models.PositiveSmallIntegerField(
        default=0, db_default=0, help_text="Exits before this one that ended without a fill."
    )
    by = models.CharField(
        max_length=LONGEST_NAME + len(": ") + LONGEST_REASON, blank=True, db_default="",
        help_text="Who asked, and why if staff did; empty = the platform.",
    )  # fmt: skip
    decided_at = models.DateTimeField(help_text="On the venue's clock.")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["position", "sequence", "cause", "level", "attempt"], name="exit_once"
            ),
        ]

    def __str__(self) -> str:
        return f"exit {self.pk} ({self.cause})"


class Trade(OwnedModel):
    """A round trip, from flat to flat. `pnl` is after the fees of both ways, with its funding."""

    account = models.ForeignKey(
        BrokerAccount, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    subscription = models.ForeignKey(
        StrategySubscription, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    instrument = models.ForeignKey(
        Instrument, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    position = models.ForeignKey(Position, on_delete=models.PROTECT, related_name="+")
    sequence = models.PositiveIntegerField()
    mode = models.CharField(max_length=8, choices=Mode)
    direction = models.CharField(max_length=5, choices=choices(Direction))
    quantity = MoneyField()
    entry_price = MoneyField()
    exit_price = MoneyField()
    fees = MoneyField()
    funding = MoneyField(default=ZERO, db_default=ZERO, help_text="Got; negative: paid.")
    pnl = MoneyField()
    exit_reason = models.CharField(max_length=12, choices=choices(ExitReason))
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField()
    mae = MoneyField(null=True, help_text="How far it went against its owner; empty = not known.")
    mfe = MoneyField(null=True, help_text="How far it went for its owner; empty = not known.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["position", "sequence"], name="trade_once"),
        ]
        indexes = [
            models.Index(fields=["user", "-closed_at"], name="trade_of_user"),
            models.Index(fields=["instrument", "closed_at"], name="trade_of_instrument"),
            models.Index(
                fields=["instrument", "closed_at"],
                condition=Q(mae=None),
                name="trade_not_measured",
            ),
        ]

    def __str__(self) -> str:
        return f"trade {self.pk}"


class Funding(OwnedModel):
    """What a position got (negative: paid) for being held at one moment of funding."""

    account = models.ForeignKey(
        BrokerAccount, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    position = models.ForeignKey(Position, on_delete=models.PROTECT, related_name="+")
    rate = models.ForeignKey(FundingRate, on_delete=models.PROTECT, related_name="+")
    mode = models.CharField(max_length=8, choices=Mode)
    quantity = MoneyField(help_text="Signed: a short is negative.")
    price = MoneyField(help_text="The close of the candle with which it was charged.")
    amount = MoneyField(help_text="In quote currency.")
    charged_at = models.DateTimeField(help_text="On the venue's clock.")

    class Meta:
        verbose_name_plural = "funding"
        constraints = [
            models.UniqueConstraint(fields=["position", "rate"], name="funding_once"),
        ]
        indexes = [models.Index(fields=["user", "-id"], name="funding_of_user")]

    def __str__(self) -> str:
        return f"funding {self.pk}"
