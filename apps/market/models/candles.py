"""Candles as they came, and how far each instrument's have been taken."""

from datetime import datetime

from django.db import models
from django.db.models.functions import Now

from apps.common.models import MoneyField
from apps.market.models.instruments import Instrument
from apps.market.models.timeframes import TIMEFRAMES
from trading.candles import Timeframe


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
    runs from before `recorded_at` did not see it. Until `met_at` is set no order has met it; one
    that came too late for that is never met.
    """

    pk = models.CompositePrimaryKey("instrument_id", "timeframe", "open_time")
    instrument = models.ForeignKey(
        Instrument, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    open_time = models.DateTimeField()
    timeframe = models.CharField(max_length=3, choices=TIMEFRAMES)
    recorded_at = models.DateTimeField(db_default=Now())
    met_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.instrument_id} {self.timeframe} {self.open_time:%Y-%m-%d %H:%M}, late"


class CandleCursor(models.Model):
    """How far an instrument's candles have been taken through the pipeline: orders have met them,
    and strategies were asked. Both only move forward, so a candle that comes late, twice or out of
    order is history, never a second run.
    """

    instrument = models.ForeignKey(Instrument, on_delete=models.PROTECT, related_name="+")
    timeframe = models.CharField(max_length=3, choices=TIMEFRAMES)
    closed_through = models.DateTimeField(help_text="Orders have met its candles up to here.")
    decided_through = models.DateTimeField(help_text="What follows of them is decided up to here.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["instrument", "timeframe"], name="one_candle_cursor"),
        ]

    def __str__(self) -> str:
        return f"{self.instrument_id} {self.timeframe} through {self.closed_through:%Y-%m-%d %H:%M}"
