import logging
import select
import signal
import socket
import threading
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from apps.execution.feeds_apart import FeedsApart
from trading.indicators import library

log = logging.getLogger(__name__)


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
        feeds = FeedsApart(self._say, options["venue"])
        if options["once"]:
            feeds.play_once()
            return
        end = _EndOfProcess()
        threading.excepthook = tell_of_thread
        library.load()  # now: the first candle is no later than the others
        feeds.run(end)

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()


def tell_of_thread(failed: threading.ExceptHookArgs) -> None:
    """In the log, whose lines are scrubbed."""
    name = failed.thread.name if failed.thread else "a thread"
    # The type is that of the value, which is missing only where the interpreter is at its end.
    log.error("%s failed and begins again", name, exc_info=failed.exc_value)


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
