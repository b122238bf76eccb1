import getpass
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from apps.common.errors import Refused
from apps.execution.services import halting
from apps.risk import services as risk
from apps.risk.models import KillSwitch
from trading.gates.values import TradingState

STATES = [state.name.lower() for state in TradingState if state is not TradingState.ACTIVE]


class Command(BaseCommand):
    help = "Shows, trips or resets the switches that stop new entries. Exits always leave."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("verb", choices=["status", "trip", "reset"])
        parser.add_argument(
            "--scope", default="platform", help="platform, user:EMAIL or strategy:CODE"
        )
        parser.add_argument("--reason", default="", help="Why; trip and reset demand it.")
        parser.add_argument(
            "--state", default="halted", choices=STATES,
            help="reducing: nothing new; halted: working entries are cancelled too (default); "
            "liquidating: positions are closed too.",
        )  # fmt: skip

    def handle(self, *args: Any, **options: Any) -> None:
        if options["verb"] == "status":
            self._status()
            return
        try:
            self._change(options)
        except Refused as refused:
            raise CommandError(f"{refused.code}: {refused.message}") from refused

    def _change(self, options: dict[str, Any]) -> None:
        by, now = f"shell:{getpass.getuser()}", timezone.now()
        scope, reason = halting.scope_named(options["scope"]), options["reason"]
        if options["verb"] == "reset":
            risk.reset(by=by, reason=reason, now=now, **scope)
            self.stdout.write(f"Reset: {options['scope']}. Entries may leave again.")
            return
        state = TradingState[options["state"].upper()]
        effect = halting.trip(by=by, reason=reason, now=now, state=state, **scope)
        self.stdout.write(
            f"Tripped: {options['scope']} is {state.name}. Entries cancelled: {effect.cancelled}; "
            f"still working: {effect.entries_left}. Exits leave as always."
        )

    def _status(self) -> None:
        tripped = KillSwitch.objects.filter(reset_at=None).select_related("user", "strategy")
        for switch in tripped.order_by("tripped_at"):
            named = switch.user or (switch.strategy.code if switch.strategy else "")
            self.stdout.write(
                f"{switch.scope} {named}".strip()
                + f": {TradingState(switch.state).name} since {switch.tripped_at:%Y-%m-%d %H:%M:%S}"
                f" UTC by {switch.tripped_by}: {switch.reason}"
            )
        if not tripped:
            self.stdout.write("ACTIVE: no switch is tripped.")
