"""The receipt."""

from django.db import models
from django.db.models.functions import Now

from apps.brokers.models import BrokerAccount
from apps.common.fields import CompactJSONField, choices
from apps.common.models import Mode, MoneyField, OwnedModel
from apps.market.models import Instrument
from apps.risk.models.limits import LimitSet
from apps.strategies.models import Signal, StrategySubscription
from trading.gates.values import Outcome


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
    limits = models.ForeignKey(
        LimitSet, null=True, on_delete=models.PROTECT, related_name="+", db_index=False,
        help_text="In force beside the settings, with their sources.",
    )  # fmt: skip
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
