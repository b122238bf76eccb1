from argparse import ArgumentParser
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.common.errors import Refused
from apps.market import selectors
from apps.market.models import CandleGap, CandleOutlier, CandleQuality, Instrument
from apps.market.services import quality
from trading.candles import Timeframe, UnknownTimeframe

SHOWN = 5


class Command(BaseCommand):
    help = (
        "Measures how far candles can be trusted: missing, corrected and outlying ones are written "
        "down and shown, with a figure from 0 to 100 for each instrument. Exits 1 where one is "
        "below --at-least."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--venue", required=True)
        parser.add_argument("--symbol", default="", help="Only this one, as in BTC-USD.")
        parser.add_argument("--timeframe", default="1m")
        parser.add_argument("--days", type=int, default=quality.MEASURED_OVER.days)
        parser.add_argument("--at-least", type=float, default=0.0)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            timeframe = Timeframe.parse(options["timeframe"])
            now = selectors.market_now(options["venue"])
        except UnknownTimeframe as error:
            raise CommandError(f"UNKNOWN_TIMEFRAME: {error}") from error
        except Refused as refused:
            raise CommandError(f"{refused.code}: {refused.message}") from refused
        low = []
        for instrument in self._instruments(options):
            found = quality.measure(
                instrument, timeframe, now=now, over=timedelta(days=options["days"])
            )
            for line in _lines(instrument, found):
                self.stdout.write(line)
            if found.figure is None or found.figure < options["at_least"]:
                low.append(instrument.symbol)
        if low and options["at_least"]:
            raise CommandError(f"below {options['at_least']:g}, or unknown: {', '.join(low)}")

    def _instruments(self, options: dict[str, Any]) -> list[Instrument]:
        wanted = options["symbol"]
        found = [
            item for item in selectors.instruments(options["venue"]) if wanted in ("", item.symbol)
        ]
        if not found:
            where = f"{wanted} at {options['venue']}" if wanted else f"at {options['venue']}"
            raise CommandError(f"UNKNOWN_INSTRUMENT: there is no instrument {where}")
        return found


def _lines(instrument: Instrument, found: CandleQuality) -> Iterator[str]:
    figure = "unknown" if found.figure is None else f"{found.figure:.2f}"
    yield (
        f"{instrument.symbol} {found.timeframe}: quality {figure} "
        f"({found.stored} candles, {found.missing} missing, {found.revised} revised, "
        f"{found.outliers} outliers; {found.since:%Y-%m-%d %H:%M} to {found.until:%Y-%m-%d %H:%M})"
    )
    within = {
        "instrument": instrument, "timeframe": found.timeframe,
    }  # fmt: skip
    gaps = CandleGap.objects.filter(
        **within, filled_at=None, first_open__gte=found.since, first_open__lt=found.until
    )
    for gap in gaps.order_by("-candles")[:SHOWN]:
        yield (
            f"  {gap.candles} missing from {gap.first_open:%Y-%m-%d %H:%M} "
            f"to {gap.until:%Y-%m-%d %H:%M}"
        )
    outliers = CandleOutlier.objects.filter(
        **within, open_time__gte=found.since, open_time__lt=found.until
    )
    for outlier in outliers.order_by("-score")[:SHOWN]:
        yield (
            f"  outlier at {outlier.open_time:%Y-%m-%d %H:%M}: {outlier.score:.0f} usual moves "
            f"({outlier.move:+.2%})"
        )
