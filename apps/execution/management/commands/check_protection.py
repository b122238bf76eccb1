from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.execution.models import Position
from apps.execution.protected import protection_differences
from trading.gates.values import text


class Command(BaseCommand):
    help = (
        "Proves that every open position has stops of exactly as much as is held, on the side that "
        "closes it, where its plan asked for one; exits 1 with each difference."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        found = list(protection_differences())
        for pk, flaw, held, stopped in found:
            self.stderr.write(
                f"position {pk}: {flaw.value} (held {text(held)}, stops for {text(stopped)})"
            )
        if found:
            raise CommandError(f"Positions are not protected: {len(found)} differences.")
        count = Position.objects.exclude(quantity=0).count()
        self.stdout.write(f"{count} open positions: each has the stops that it is to have.")
