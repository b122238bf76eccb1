"""What is wrong with an instrument's candles, and how far they can be trusted."""

from django.db import models

from apps.market.models.instruments import Instrument
from apps.market.models.timeframes import TIMEFRAMES


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
