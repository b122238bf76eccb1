"""What kind of market it was, and how an account would share its capital in it."""

from enum import StrEnum

from django.db import models

from apps.brokers.models import BrokerAccount, Venue
from apps.common.models import Mode, MoneyField, OwnedModel
from apps.market.models.instruments import Instrument
from apps.market.models.timeframes import TIMEFRAMES
from trading.allocation import RiskTolerance, Shares
from trading.regime import RULES, Regime
from trading.tiers import CapitalTier


def _spoken(of: type[StrEnum]) -> list[tuple[str, str]]:
    return [(member.value, member.value.replace("_", " ")) for member in of]


class RegimeSnapshot(models.Model):
    """What kind of market a venue's was at one close (`trading/regime`), with all that it was read
    from. Written once and never changed.
    """

    venue = models.ForeignKey(Venue, on_delete=models.PROTECT, related_name="+", db_index=False)
    timeframe = models.CharField(max_length=3, choices=TIMEFRAMES)
    close_time = models.DateTimeField()
    reference = models.ForeignKey(
        Instrument, on_delete=models.PROTECT, related_name="+", db_index=False,
        help_text="Whose closes were read as crypto's.",
    )  # fmt: skip
    regime = models.CharField(
        max_length=15, choices=_spoken(Regime), blank=True,
        help_text="In force from this close on; empty = not known.",
    )  # fmt: skip
    previous = models.CharField(
        max_length=15, choices=_spoken(Regime), blank=True, help_text="In force before it."
    )
    observed = models.CharField(
        max_length=15, choices=_spoken(Regime), blank=True,
        help_text="Of this candle alone; the second one in a row is entered.",
    )  # fmt: skip
    rule = models.CharField(max_length=30, help_text="That decided, or could not tell.")
    inputs = models.JSONField(help_text="By name; null = not known.")
    volatility = models.FloatField(null=True, help_text="0 to 100; empty = not known.")
    momentum = models.FloatField(null=True, help_text="-100 to 100; empty = not known.")
    candles = models.PositiveIntegerField(help_text="Of the reference that there were to read.")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["venue", "timeframe", "close_time"], name="one_regime_per_close"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.venue_id} {self.close_time:%Y-%m-%d %H:%M}: {self.regime or 'not known'}"

    @property
    def in_force(self) -> Regime | None:
        return Regime(self.regime) if self.regime else None

    @property
    def rule_words(self) -> str:
        return RULES[self.rule].words

    @property
    def missing(self) -> list[str]:
        return [name for name, value in self.inputs.items() if value is None]


class AllocationSnapshot(OwnedModel):
    """How an account would share its capital between the asset classes, from a close on: written
    when that changes (`trading/allocation.py`). It is advice; it moves no money.
    """

    account = models.ForeignKey(
        BrokerAccount, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    mode = models.CharField(max_length=8, choices=Mode)
    regime_snapshot = models.ForeignKey(RegimeSnapshot, on_delete=models.PROTECT, related_name="+")
    tier = models.CharField(max_length=10, choices=_spoken(CapitalTier))
    tolerance = models.CharField(max_length=12, choices=_spoken(RiskTolerance))
    capital = MoneyField(help_text="The account's equity, in its currency; 0 where it is negative.")
    crypto = MoneyField(help_text="Percent of the capital.")
    equity = MoneyField(help_text="Percent of the capital.")
    derivatives = MoneyField(help_text="Percent of the capital.")
    cash = MoneyField(help_text="Percent of the capital.")
    reason = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "regime_snapshot"], name="one_allocation_per_close"
            ),
            models.CheckConstraint(
                condition=models.Q(
                    crypto__gte=0, equity__gte=0, derivatives__gte=0, cash__gte=0,
                    cash=100 - models.F("crypto") - models.F("equity") - models.F("derivatives"),
                ),
                name="allocation_is_whole",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"account {self.account_id} from {self.regime_snapshot_id}"

    @property
    def shares(self) -> Shares:
        return Shares(self.crypto, self.equity, self.derivatives, self.cash)
