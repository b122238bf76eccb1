import select
import signal
import socket
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from apps.execution.feeding import FeedLoop
from apps.execution.live_feeding import LiveVenues
from trading.indicators import library


class Command(BaseCommand):
    help = (
        "Takes candles through the pipeline: those of live venues after each close, those of "
        "recorded and synthetic markets at the pace of their simulated clocks."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--venue", action="append", default=[], help="Only this one; may be repeated."
        )
        parser.add_argument("--once", action="store_true", help="One candle of each, then end.")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["once"]:
            FeedLoop(self._say, lambda _: False, options["venue"]).play_once()
            LiveVenues(self._say, options["venue"]).play_once()
            return
        end = _EndOfProcess()
        library.load()  # now: the first candle is no later than the others
        live = LiveVenues(self._say, options["venue"])
        live.start()
        FeedLoop(self._say, end, options["venue"]).run()
        live.stop()

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
