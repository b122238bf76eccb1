import getpass
import sys
from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from apps.common.errors import Refused
from apps.execution import draining, drilling
from apps.execution.drain_words import in_words, withdrawn_in_words
from apps.execution.services import drains, halting
from apps.execution.services.drains import Progress
from apps.risk.models import KillSwitch
from apps.risk.scopes import SPELLINGS, spelling, target_named
from apps.risk.services.switches import tripped_for
from trading.gates.values import TradingState

STATES = [state.name.lower() for state in TradingState if state is not TradingState.ACTIVE]
WAIT_SECONDS = 30.0


class Command(BaseCommand):
    help = (
        "Shows, trips, resets or rehearses the switches that stop new entries. Exits always leave. "
        "Ends with 1 and NOT_DRAINED while something that a switch forbids still stands."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("verb", choices=["status", "trip", "reset", "drill"])
        parser.add_argument("--scope", default="platform", help=SPELLINGS)
        parser.add_argument("--reason", default="", help="Why; trip and reset demand it.")
        parser.add_argument(
            "--state", default="halted", choices=STATES,
            help="reducing: nothing new; halted: working entries are cancelled too (default); "
            "liquidating: positions are closed too.",
        )  # fmt: skip
        parser.add_argument(
            "--close-positions", action="store_true", help="The same as --state liquidating."
        )
        parser.add_argument(
            "--expires", default="", help="It is reset then by itself: 2026-06-01T14:00Z."
        )
        parser.add_argument(
            "--timeout", type=float, default=WAIT_SECONDS,
            help="Seconds that trip drains and waits for evidence.",
        )  # fmt: skip
        parser.add_argument("--yes", action="store_true", help="Do not ask at the terminal.")

    def handle(self, *args: Any, **options: Any) -> None:
        verbs = {
            "status": self._status,
            "trip": self._trip,
            "reset": self._reset,
            "drill": self._drill,
        }
        try:
            verbs[options["verb"]](options)
        except Refused as refused:
            raise CommandError(f"{refused.code}: {refused.message}") from refused

    def _trip(self, options: dict[str, Any]) -> None:
        state = TradingState[options["state"].upper()]
        if options["close_positions"]:
            state = TradingState.LIQUIDATING
        target = target_named(options["scope"])
        if state is TradingState.LIQUIDATING:
            _confirm(options, "This closes every position there at market.")
        switch = halting.trip(
            by=_by(),
            reason=options["reason"],
            now=timezone.now(),
            state=state,
            source=KillSwitch.Source.COMMAND,
            expires_at=_moment(options["expires"]),
            **target,
        )
        self.stdout.write(f"Tripped: {options['scope']} is {state.name}. Exits leave as always.")
        self._watch(switch, options["timeout"])

    def _watch(self, switch: KillSwitch, seconds: float) -> None:
        looks: list[Progress] = []

        def tell(found: Progress) -> None:
            if not looks or in_words(found) != in_words(looks[-1]):
                self.stdout.write(in_words(found))
            looks.append(found)

        draining.watch(switch, seconds, tell)
        if switch.reset_at is not None:
            raise CommandError(
                f"RESET_MEANWHILE: {switch.reset_by} has reset it: {switch.reset_reason}"
            )
        if not looks[-1].is_done:
            raise CommandError("NOT_DRAINED: the switch holds; run status to see how it goes on.")

    def _reset(self, options: dict[str, Any]) -> None:
        target = target_named(options["scope"])
        standing = [_in_words(switch) for switch in tripped_for(target)]
        if standing:
            self.stdout.write("\n".join(["This resets:", *standing]))
        _confirm(options, "Entries may leave again after this.")
        done = halting.reset(by=_by(), reason=options["reason"], now=timezone.now(), **target)
        for switch in done.switches:
            self.stdout.write(f"Reset: {_in_words(switch)}")
        said = withdrawn_in_words(done.withdrawn)
        self.stdout.write(f"Entries may leave again. {said}".strip())

    def _status(self, options: dict[str, Any]) -> None:
        tripped = KillSwitch.objects.filter(reset_at=None).select_related(
            "user", "strategy", "instrument"
        )
        is_done = True
        for switch in tripped.order_by("tripped_at", "id"):
            found = drains.progress(switch)
            is_done = is_done and found.is_done
            self.stdout.write(f"{_in_words(switch)}\n  {in_words(found)}")
        if not tripped:
            self.stdout.write("ACTIVE: no switch is tripped.")
        if not is_done:
            raise CommandError("NOT_DRAINED: something that a switch forbids still stands.")

    def _drill(self, options: dict[str, Any]) -> None:
        state = TradingState[options["state"].upper()]
        if options["close_positions"]:
            state = TradingState.LIQUIDATING
        target = target_named(options["scope"])
        drill = drilling.rehearse(state, timezone.now(), **target)
        self.stdout.write(f"Drill: {options['scope']} as {state.name}. Nothing was changed.")
        for part, seconds in drill.seconds.items():
            self.stdout.write(f"  {seconds:8.3f} s  {part}")
        self.stdout.write(f"  {in_words(drill.found)}")
        if drill.found.working:
            raise CommandError("NOT_DRAINED: entries would be left standing.")


def _in_words(switch: KillSwitch) -> str:
    return (
        f"{spelling(switch)}: {TradingState(switch.state).name} {_times(switch)} by "
        f"{switch.tripped_by} ({switch.cause or switch.source}): {switch.reason}"
    )


def _times(switch: KillSwitch) -> str:
    """By the clock by which it ends."""
    since = switch.market_time or switch.tripped_at
    ends = f" until {switch.expires_at:%Y-%m-%d %H:%M:%S} UTC" if switch.expires_at else ""
    whose = "" if switch.clock_id is None else f" (market time of {switch.clock_id})"
    return f"since {since:%Y-%m-%d %H:%M:%S} UTC{ends}{whose}"


def _by() -> str:
    return f"shell:{getpass.getuser()}"


def _moment(text: str) -> datetime | None:
    """Raises Refused EXPIRY_NOT_CLEAR."""
    if not text:
        return None
    try:
        moment = parse_datetime(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise Refused("EXPIRY_NOT_CLEAR", f"'{text}' is no moment such as 2026-06-01T14:00Z.")
    return moment


def _confirm(options: dict[str, Any], consequence: str) -> None:
    """Raises Refused CONFIRMATION_MISSING."""
    if options["yes"]:
        return
    scope = options["scope"]
    if sys.stdin.isatty() and input(f"{consequence} Type {scope} to go on: ") == scope:
        return
    raise Refused("CONFIRMATION_MISSING", f"{consequence} Type the scope when asked, or say --yes.")
