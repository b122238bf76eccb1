from datetime import datetime
from enum import StrEnum

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from apps.brokers.models import BrokerAccount, Venue
from apps.common.models import Mode, MoneyField, OwnedModel
from apps.market.sessions import ALWAYS, validate_calendar
from trading.allocation import RiskTolerance, Shares
from trading.candles import Timeframe
from trading.instruments import (
    INITIAL_MARGIN,
    MAINTENANCE_MARGIN,
    AssetClass,
    InstrumentRules,
    InstrumentStatus,
)
from trading.regime import RULES, Regime
from trading.tiers import CapitalTier

TIMEFRAMES = [(member.value, member.value) for member in Timeframe]


def _choices(of: type[StrEnum]) -> list[tuple[str, str]]:
    return [(member.value, member.value.replace("_", " ")) for member in of]


class Feed(models.TextChoices):
    REPLAY = "replay"
    SYNTHETIC = "synthetic"


class MarketClock(models.Model):
    """What time it is at a venue. Gates, day boundaries, catch-up and cards use this clock."""

    venue = models.OneToOneField(Venue, on_delete=models.PROTECT, primary_key=True)
    now = models.DateTimeField(
        help_text="Candles that close later than this have not happened yet."
    )
    timeframe = models.CharField(
        max_length=3, choices=TIMEFRAMES, default=Timeframe.M1.value,
        help_text="The finest candles of the venue: the ones that paper orders are matched on.",
    )  # fmt: skip
    feed = models.CharField(max_length=10, choices=Feed, blank=True)
    seconds_per_candle = models.FloatField(
        null=True, blank=True, help_text="Pace of a simulated clock; empty = the wall clock."
    )
    seed = models.IntegerField(
        default=1, help_text="Of the synthetic feed: same seed, same candles."
    )

    def __str__(self) -> str:
        return f"{self.venue_id} {self.now:%Y-%m-%d %H:%M}"


class VenueFeed(models.Model):
    """Where the candles of a live venue come from, and how that goes. One row is all it takes: the
    feed makes the instruments, brings their candles and keeps the rest of the row.
    """

    class Kind(models.TextChoices):
        CCXT = "ccxt", "ccxt: public candles of a crypto exchange"
        ALPACA = "alpaca", "Alpaca: US equities, or its crypto"

    class State(models.TextChoices):
        NEW = "new", "not asked yet"
        WELL = "well"
        AWAY = "away"
        RATE_LIMITED = "rate_limited"
        REFUSED = "refused"
        NONSENSE = "nonsense"
        UNKNOWN_SYMBOL = "unknown_symbol"
        NOT_CONFIGURED = "not_configured"

    venue = models.OneToOneField(
        Venue, on_delete=models.PROTECT, primary_key=True, related_name="+"
    )
    kind = models.CharField(max_length=10, choices=Kind)
    source = models.CharField(
        max_length=30,
        help_text="Of ccxt: the exchange, as in kraken, binance, coinbase, okx. "
        "Of Alpaca: iex, sip, delayed_sip or crypto.",
    )
    symbols = ArrayField(
        models.CharField(max_length=30), help_text="As in BTC-USD, ETH-USD, with commas between."
    )
    is_on = models.BooleanField(default=True)

    state = models.CharField(max_length=15, choices=State, default=State.NEW)
    state_since = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(default=0, help_text="In a row.")
    words = models.CharField(max_length=300, blank=True, help_text="What went wrong.")
    retry_at = models.DateTimeField(null=True, help_text="The venue is left alone until then.")
    answered_at = models.DateTimeField(null=True, help_text="When it last went well.")
    instruments_at = models.DateTimeField(
        null=True, help_text="When increments, minimums and status were last read."
    )

    def __str__(self) -> str:
        return f"{self.venue_id} from {self.kind} {self.source}"


class Instrument(models.Model):
    venue = models.ForeignKey(Venue, on_delete=models.PROTECT, related_name="+")
    symbol = models.CharField(max_length=30, help_text="As in BTC-USD.")
    base = models.CharField(max_length=15)
    quote = models.CharField(max_length=15)
    asset_class = models.CharField(
        max_length=10, choices=[(member.value, member.value) for member in AssetClass]
    )
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
        choices=[(member.value, member.value) for member in InstrumentStatus],
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


class Candle(models.Model):
    """One candle, written once and never changed. Its key is its identity; there is no other id.

    A row may lie ahead of the venue's clock (a recording): readers ask for what has closed by a
    moment (`selectors.series`, `selectors.candles_closing_at`), never for "the last row".
    """

    pk = models.CompositePrimaryKey("instrument_id", "timeframe", "open_time")
    # No foreign key in the database: checking it halves the rate of an import, and an instrument is
    # delisted, never deleted (docs/decisions/0002).
    instrument = models.ForeignKey(
        Instrument,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    open_time = models.DateTimeField()  # before the short text: the row is 9 bytes smaller
    timeframe = models.CharField(max_length=3, choices=TIMEFRAMES)
    open = MoneyField()
    high = MoneyField()
    low = MoneyField()
    close = MoneyField()
    volume = MoneyField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                # The upper bounds are there for NaN, which numeric holds above every number.
                condition=models.Q(
                    low__gt=0, low__lte=models.F("open"), open__lte=models.F("high"),
                    close__gte=models.F("low"), close__lte=models.F("high"), high__lt=10**20,
                    volume__gte=0, volume__lt=10**20,
                ),
                name="candle_is_sound",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.instrument_id} {self.timeframe} {self.open_time:%Y-%m-%d %H:%M}"

    @property
    def close_time(self) -> datetime:
        return self.open_time + Timeframe(self.timeframe).duration


class CandleRevision(models.Model):
    """A candle that came again with other values. The original stays where it is, and is what
    strategies saw; this is what the venue says now.
    """

    instrument = models.ForeignKey(Instrument, on_delete=models.PROTECT, related_name="+")
    timeframe = models.CharField(max_length=3, choices=TIMEFRAMES)
    open_time = models.DateTimeField()
    open = MoneyField()
    high = MoneyField()
    low = MoneyField()
    close = MoneyField()
    volume = MoneyField()
    seen_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=[
                    "instrument", "timeframe", "open_time", "open", "high", "low", "close",
                    "volume",
                ],
                name="candle_revision_once",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.instrument_id} {self.timeframe} {self.open_time:%Y-%m-%d %H:%M}, revised"


class LateCandle(models.Model):
    """Says of a stored candle that it came when later ones had been taken through the pipeline:
    runs from before `recorded_at` did not see it.
    """

    pk = models.CompositePrimaryKey("instrument_id", "timeframe", "open_time")
    instrument = models.ForeignKey(
        Instrument, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    open_time = models.DateTimeField()
    timeframe = models.CharField(max_length=3, choices=TIMEFRAMES)
    recorded_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"{self.instrument_id} {self.timeframe} {self.open_time:%Y-%m-%d %H:%M}, late"


class CandleGap(models.Model):
    """Candles that should be there and are not: those that open in `[first_open, until)`."""

    instrument = models.ForeignKey(Instrument, on_delete=models.PROTECT, related_name="+")
    timeframe = models.CharField(max_length=3, choices=TIMEFRAMES)
    first_open = models.DateTimeField()
    until = models.DateTimeField()
    candles = models.PositiveIntegerField()
    found_at = models.DateTimeField()
    asked = models.PositiveSmallIntegerField(
        default=0, help_text="How often the venue was asked for it once more."
    )
    filled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["instrument", "timeframe", "first_open"],
                condition=models.Q(filled_at=None),
                name="one_open_gap",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return (
            f"{self.candles} x {self.timeframe} of {self.instrument_id} missing from "
            f"{self.first_open:%Y-%m-%d %H:%M}"
        )


class CandleOutlier(models.Model):
    """A stored candle that stands out of those before it. It stays: it may be true."""

    instrument = models.ForeignKey(Instrument, on_delete=models.PROTECT, related_name="+")
    timeframe = models.CharField(max_length=3, choices=TIMEFRAMES)
    open_time = models.DateTimeField()
    score = models.FloatField(help_text="The move, in usual moves of the candles before.")
    move = models.FloatField(help_text="As a logarithm: 0.01 is about 1 %.")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["instrument", "timeframe", "open_time"], name="candle_outlier_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.instrument_id} {self.timeframe} {self.open_time:%Y-%m-%d %H:%M}, outlying"


class CandleQuality(models.Model):
    """How far an instrument's candles can be trusted, as last measured. `figure` is defined in
    `trading/candle_quality.py`; empty = there are no candles."""

    instrument = models.ForeignKey(Instrument, on_delete=models.PROTECT, related_name="+")
    timeframe = models.CharField(max_length=3, choices=TIMEFRAMES)
    since = models.DateTimeField()
    until = models.DateTimeField()
    stored = models.PositiveIntegerField()
    missing = models.PositiveIntegerField()
    revised = models.PositiveIntegerField()
    outliers = models.PositiveIntegerField()
    figure = models.FloatField(null=True)

    class Meta:
        verbose_name_plural = "candle quality"
        constraints = [
            models.UniqueConstraint(fields=["instrument", "timeframe"], name="one_candle_quality"),
        ]

    def __str__(self) -> str:
        figure = "unknown" if self.figure is None else f"{self.figure:.2f}"
        return f"{self.instrument_id} {self.timeframe}: {figure}"


class CandleCursor(models.Model):
    """How far an instrument's candles have been taken through the pipeline. It only moves forward,
    so a candle that comes late, twice or out of order is history, never a second run.
    """

    instrument = models.ForeignKey(Instrument, on_delete=models.PROTECT, related_name="+")
    timeframe = models.CharField(max_length=3, choices=TIMEFRAMES)
    closed_through = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["instrument", "timeframe"], name="one_candle_cursor"),
        ]

    def __str__(self) -> str:
        return f"{self.instrument_id} {self.timeframe} through {self.closed_through:%Y-%m-%d %H:%M}"


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
        max_length=15, choices=_choices(Regime), blank=True,
        help_text="In force from this close on; empty = not known.",
    )  # fmt: skip
    previous = models.CharField(
        max_length=15, choices=_choices(Regime), blank=True, help_text="In force before it."
    )
    observed = models.CharField(
        max_length=15, choices=_choices(Regime), blank=True,
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
    tier = models.CharField(max_length=10, choices=_choices(CapitalTier))
    tolerance = models.CharField(max_length=12, choices=_choices(RiskTolerance))
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
