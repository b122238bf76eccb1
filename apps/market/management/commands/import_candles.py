from argparse import ArgumentParser
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from tqdm import tqdm

from apps.common.errors import Refused
from apps.market.services.importing import BadRowsFound, Imported, import_candles
from trading.candle_checks import BadRow

SHOWN_IN_FULL = 20


class Command(BaseCommand):
    help = (
        "Imports candles from a CSV or Parquet file with the columns time (open of the candle; "
        "ISO-8601 or epoch; without a zone: UTC), open, high, low, close, volume. "
        "Importing twice changes nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--venue", required=True)
        parser.add_argument("--symbol", required=True, help="As in BTC-USD.")
        parser.add_argument("--timeframe", required=True, help="As in 1m, 1h, 1d.")
        parser.add_argument(
            "--skip-bad", action="store_true", help="Import the good rows of a file with bad ones."
        )
        parser.add_argument(
            "--create",
            action="store_true",
            help="Make venue and instrument where they are missing; says what it assumed.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self._report(self._import(options))
        except BadRowsFound as found:
            self._tell(found.bad)
            raise CommandError(f"{found.code}: {found.message}") from found
        except Refused as refused:
            raise CommandError(f"{refused.code}: {refused.message}") from refused

    def _import(self, options: dict[str, Any]) -> Imported:
        with tqdm(unit=" rows", unit_scale=True, disable=None) as bar:  # None: only on a terminal

            def progress(done: int, total: int) -> None:
                bar.total = total
                bar.update(done - bar.n)

            return import_candles(
                options["file"],
                venue=options["venue"],
                symbol=options["symbol"],
                timeframe=options["timeframe"],
                now=timezone.now(),
                skip_bad=options["skip_bad"],
                create=options["create"],
                progress=progress,
            )

    def _report(self, imported: Imported) -> None:
        for line in imported.assumed:
            self.stdout.write(f"Assumed: {line}.")
        self._tell(imported.bad)
        self.stdout.write(
            f"{imported.new} new candles; {imported.same} were already there; "
            f"{imported.different} were there with other values and stay as they were; "
            f"{len(imported.bad)} bad rows skipped."
        )

    def _tell(self, bad: Sequence[BadRow]) -> None:
        for row in bad[:SHOWN_IN_FULL]:
            self.stderr.write(f"line {row.line}: {row.reason.value}: {row.words}")
        if len(bad) > SHOWN_IN_FULL:
            self.stderr.write(f"... and {len(bad) - SHOWN_IN_FULL} more. Bad rows by reason:")
            for reason, count in Counter(row.reason.value for row in bad).most_common():
                self.stderr.write(f"  {reason}: {count}")
