from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.execution import recovery
from apps.execution.selectors import holes
from apps.strategies.models import Run


class Command(BaseCommand):
    help = (
        "Proves that every subscription at each cut-off got exactly one decision for each signal; "
        "exits 1 with each hole."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--repair", action="store_true", help="Re-drive the holes first.")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["repair"]:
            swept = recovery.redrive_holes()
            self.stdout.write(f"{swept} decisions made now.")
        found = holes()
        for hole in found:
            self.stderr.write(
                f"run {hole.run_id}: signal {hole.signal_id} has no decision for "
                f"subscription {hole.subscription_id}"
            )
        if found:
            raise CommandError(f"{len(found)} decisions are missing.")
        runs = Run.objects.filter(expected__gt=0).count()
        self.stdout.write(f"{runs} runs with signals: every expected decision was made.")
