"""What can be traded, and the funding that its holders pay each other."""

from django.db import models

from apps.brokers.models import Venue
from apps.common.fields import choices
from apps.common.models import MoneyField
from apps.market.sessions import ALWAYS, validate_calendar
from trading.instruments import (
    INITIAL_MARGIN,
    MAINTENANCE_MARGIN,
    AssetClass,
    InstrumentRules,
    InstrumentStatus,
)


class Instrument(models.Model):
    venue = models.ForeignKey(Venue, on_delete=models.PROTECT, related_name="+")
    symbol = models.CharField(max_length=30, help_text="As in BTC-USD.")
    base = models.CharField(max_length=15)
    quote = models.CharField(max_length=15)
    asset_class = models.CharField(max_length=10, choices=choices(AssetClass))
    price_increment = MoneyField()
    quantity_increment = MoneyField()
    min_quantity = MoneyField()
    min_notional = MoneyField()
    maker_fee = MoneyField(help_text="A fraction: 0.001 is 0.1 %.")
    taker_fee = MoneyField(help_text="A fraction: 0.001 is 0.1 %.")
    is_shortable = models.BooleanField(default=False)
    initial_margin = MoneyField(
        default=INITIAL_MARGIN, db_default=INITIAL_MARGIN,
        help_text="Of what a short is sold for: what it keeps of the cash on top. 1 is 100 %.",
    )  # fmt: skip
    maintenance_margin = MoneyField(
        default=MAINTENANCE_MARGIN, db_default=MAINTENANCE_MARGIN,
        help_text="Of a short's worth: when no more than this is left, the venue closes it.",
    )  # fmt: skip
    calendar = models.CharField(
        max_length=10, default=ALWAYS, validators=[validate_calendar],
        help_text="24/7, or the exchange's MIC, such as XNYS: when the market is open.",
    )  # fmt: skip
    status = models.CharField(
        max_length=10, default=InstrumentStatus.TRADING.value,
        choices=choices(InstrumentStatus),
    )  # fmt: skip

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["venue", "symbol"], name="instrument_once_per_venue"),
            models.CheckConstraint(
                condition=models.Q(price_increment__gt=0, quantity_increment__gt=0),
                name="instrument_increments_are_positive",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    maintenance_margin__gte=0, initial_margin__gt=models.F("maintenance_margin")
                ),
                name="instrument_short_is_not_liquidated_at_once",
            ),
        ]

    def __str__(self) -> str:
        return self.symbol

    @property
    def rules(self) -> InstrumentRules:
        return InstrumentRules(
            symbol=self.symbol, base=self.base, quote=self.quote,
            asset_class=AssetClass(self.asset_class),
            price_increment=self.price_increment, quantity_increment=self.quantity_increment,
            min_quantity=self.min_quantity, min_notional=self.min_notional,
            maker_fee=self.maker_fee, taker_fee=self.taker_fee,
            is_shortable=self.is_shortable, status=InstrumentStatus(self.status),
            initial_margin=self.initial_margin, maintenance_margin=self.maintenance_margin,
        )  # fmt: skip


class FundingRate(models.Model):
    """What the longs of an instrument pay its shorts at one moment, as a fraction of what they
    hold; negative = the shorts pay."""

    instrument = models.ForeignKey(
        Instrument, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    time = models.DateTimeField(help_text="On the venue's clock.")
    rate = MoneyField(help_text="A fraction: 0.0001 is 0.01 %. Negative: shorts pay longs.")
    charged_at = models.DateTimeField(
        null=True, editable=False, help_text="On the venue's clock; empty = not yet."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["instrument", "time"], name="funding_rate_once"),
            models.CheckConstraint(
                condition=models.Q(rate__gt=-1, rate__lt=1), name="funding_rate_is_a_fraction"
            ),
        ]
        indexes = [
            models.Index(
                fields=["instrument", "time"],
                condition=models.Q(charged_at=None),
                name="funding_rate_due",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.instrument_id} {self.time:%Y-%m-%d %H:%M}"
