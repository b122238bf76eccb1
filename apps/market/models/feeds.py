"""A venue's time, and where its candles come from."""

from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models

from apps.brokers.models import Venue
from apps.market.models.timeframes import TIMEFRAMES
from trading.candles import Timeframe


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

    def acting_at(self, wall: datetime) -> datetime:
        """What time it is there for who does something at this moment of the wall clock. Where it
        is the wall's, never before it: between two candles, and while nobody moves it.
        """
        return self.now if self.seconds_per_candle is not None else max(self.now, wall)


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
