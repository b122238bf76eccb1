import json
from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.common.errors import Refused
from apps.strategies.checking import check
from apps.strategies.rehearsal import Request
from trading.candles import Timeframe, UnknownTimeframe
from trading.integrity import Status, Verdict, overall, to_json

EXIT_CODES = {Status.FAIL: 1, Status.INCONCLUSIVE: 2}


class Command(BaseCommand):
    help = (
        "Checks a strategy for look-ahead, warm-up, determinism and runtime, in two processes of "
        "its own. Exits 1 where a check fails, 2 where one says nothing. Reads and writes no rows."
    )
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("strategy", help="a code, or package.module:NAME")
        parser.add_argument(
            "--param", type=_parameter, action="append", default=[], metavar="NAME=VALUE"
        )
        parser.add_argument("--timeframe", type=_timeframe, default=Timeframe.M15)
        parser.add_argument("--warmup", type=int, help="of a function of columns")
        parser.add_argument("--json", action="store_true", help="one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        request = Request(
            options["strategy"],
            dict(options["param"]),
            options["timeframe"].value,
            options["warmup"],
        )
        try:
            verdicts = check(request)
        except Refused as refused:
            raise CommandError(f"{refused.code}: {refused.message}") from refused
        status = overall(verdicts)
        if options["json"]:
            told = {"status": status, "verdicts": [to_json(verdict) for verdict in verdicts]}
            self.stdout.write(json.dumps(told))
        else:
            for verdict in verdicts:
                self.stdout.write(_line(verdict))
        if status is not Status.PASS:
            raise CommandError(f"{request.target}: {status.value}.", returncode=EXIT_CODES[status])


def _line(verdict: Verdict) -> str:
    numbers = ", ".join(f"{name} {value:g}" for name, value in verdict.numbers.items())
    told = f" [{numbers}]" if numbers else ""
    return f"{verdict.status.value:12} {verdict.check.value:12} {verdict.reason}{told}"


def _parameter(text: str) -> tuple[str, int | float]:
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise ArgumentTypeError(f"'{text}' is not NAME=VALUE.")
    for read in (int, float):
        try:
            return name, read(value)
        except ValueError:
            continue
    raise ArgumentTypeError(f"{name} must be a number, not '{value}'.")


def _timeframe(text: str) -> Timeframe:
    try:
        return Timeframe.parse(text)
    except UnknownTimeframe as unknown:
        raise ArgumentTypeError(str(unknown)) from unknown
