import select
import signal
import socket
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from apps.execution.feeding import FeedLoop


class Command(BaseCommand):
    help = "Moves the simulated clocks: plays recorded and synthetic candles through the pipeline."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--venue", action="append", default=[], help="Only this one; may be repeated."
        )
        parser.add_argument("--once", action="store_true", help="One candle of each, then end.")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["once"]:
            FeedLoop(self._say, lambda _: False, options["venue"]).play_once()
        else:
            FeedLoop(self._say, _EndOfProcess(), options["venue"]).run()

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()


class _EndOfProcess:
    """TERM and Ctrl-C, as something to wait for: a candle is never cut in the middle."""

    def __init__(self) -> None:
        self._told, teller = socket.socketpair()
        teller.settimeout(0)
        signal.set_wakeup_fd(teller.fileno())
        self._teller = teller  # or it is closed
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: None)

    def __call__(self, seconds: float) -> bool:
        return bool(select.select([self._told], [], [], seconds)[0])
