from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.brokers.models import BrokerAccount
from apps.execution.models import JournalEntry
from apps.execution.selectors import LEDGER_CHECKS, ledger_differences


class Command(BaseCommand):
    help = "Proves that money is conserved in every account; exits 1 with each difference."

    def handle(self, *args: Any, **options: Any) -> None:
        found = list(ledger_differences())
        for rule, where, difference in found:
            self.stderr.write(f"{where}: off by {difference} ({rule})")
        if found:
            raise CommandError(f"The ledger does not conserve: {len(found)} differences.")
        self.stdout.write(
            f"{BrokerAccount.objects.count()} accounts, {JournalEntry.objects.count()} journal "
            f"entries, {len(LEDGER_CHECKS)} rules: the ledger conserves."
        )
