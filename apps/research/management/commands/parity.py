from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from apps.research.services.parity import compare
from apps.strategies.models import StrategySubscription


class Command(BaseCommand):
    help = (
        "Runs a backtest over the candles that a paper subscription has lived through and compares "
        "the round trips, one by one; exits 1 with each difference."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--subscription", type=int, required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        followed = StrategySubscription.objects.filter(is_by_hand=False)
        subscription = followed.filter(pk=options["subscription"]).first()
        if subscription is None:
            raise CommandError(f"There is no subscription {options['subscription']}.")
        found = compare(subscription, timezone.now())
        for item in found.differences:
            self.stderr.write(
                f"{item.symbol} {item.entry_time:%Y-%m-%d %H:%M}: {item.what}: "
                f"paper {item.paper or '-'}, backtest {item.backtest or '-'}"
            )
        for reason in found.reasons:
            self.stdout.write(f"They may differ because {reason}.")
        if found.differences:
            raise CommandError(f"{len(found.differences)} differences.")
        self.stdout.write(f"{len(found.paper)} round trips on paper: the backtest made the same.")
