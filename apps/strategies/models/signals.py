"""The opinions, whoever had them."""

from django.db import models

from apps.common.fields import choices
from apps.common.models import MoneyField
from apps.market.models import Instrument
from apps.strategies.models.runs import Run
from apps.strategies.models.versions import StrategyVersion
from trading.order_kinds import OrderType, TimeInForce
from trading.signals import Action, OffsetType


class Signal(models.Model):
    """An opinion, whoever had it: `source` and `source_key` say who, once."""

    class Source(models.TextChoices):
        RUN = "run"
        WEBHOOK = "webhook"
        COPY = "copy"
        MANUAL = "manual"

    source = models.CharField(max_length=8, choices=Source)
    source_key = models.CharField(
        max_length=100, help_text="Of a run: run:sequence; by hand: user:key."
    )
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
    wanted = MoneyField(
        null=True, help_text="Units that a person or a client named: above a cap they are denied."
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
