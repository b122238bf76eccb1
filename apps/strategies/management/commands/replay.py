from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.common.errors import Refused
from apps.strategies.services import replay


class Command(BaseCommand):
    help = (
        "Looks once more at exactly the candles that a run saw, with the same version. Exits 1 "
        "with the difference where it does not say the same again. Writes nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("run", type=int)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            found = replay(options["run"])
        except Refused as refused:
            raise CommandError(f"{refused.code}: {refused.message}") from refused
        for line in found.differences:
            self.stderr.write(f"run {found.run.pk}: {line}")
        if found.differences:
            raise CommandError(f"run {found.run.pk} does not say the same again.")
        late = f" ({found.left_out} that came later left out)" if found.left_out else ""
        self.stdout.write(
            f"run {found.run.pk}: {found.run.version} on {found.run.instrument} "
            f"at {found.run.candle_close_time:%Y-%m-%d %H:%M}: "
            f"{found.run.candles_seen} candles{late}, "
            f"the same {found.signals} signals."
        )
