import getpass
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.common.errors import Refused
from apps.common.fields import LONGEST_REASON
from apps.execution.services.flattening import flatten, positions_named
from apps.risk.scopes import SPELLINGS
from trading.exits import ExitReason


class Command(BaseCommand):
    help = (
        "Writes an exit at market for every open position of a scope. What is leaving already is "
        "left alone, so it may be run again."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("scope", help=f"position:ID, {SPELLINGS}")
        parser.add_argument("--reason", required=True, help="Why; it is kept with each exit.")
        parser.add_argument("--yes", action="store_true", help="Do it; else only count.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            positions = positions_named(options["scope"])
        except Refused as refused:
            raise CommandError(f"{refused.code}: {refused.message}") from refused
        if not options["yes"]:
            self.stdout.write(f"{positions.count()} open positions; --yes closes them.")
            return
        by = f"shell:{getpass.getuser()}: {options['reason'][:LONGEST_REASON]}"
        self.stdout.write(str(flatten(positions, ExitReason.MANUAL, by=by)))
