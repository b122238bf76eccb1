"""Workers and beats as they run in production: started, killed outright and replaced by tests."""

from __future__ import annotations

import itertools
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import ClassVar, Self

import psutil

from nija.processes import send, spawn, stop

PROJECT = Path(__file__).parents[2]
START_SECONDS = 60.0
CELERY = (sys.executable, "-m", "celery", "--quiet", "-A", "nija.celery")

_numbers = itertools.count(1)


def wait_until(condition: Callable[[], bool], what: str, *, seconds: float = 30.0) -> float:
    """The seconds that it took; the test fails where it does not come true in time."""
    started = time.monotonic()
    while not condition():
        waited = time.monotonic() - started
        assert waited < seconds, f"not within {seconds} s: {what}"
        time.sleep(0.02)
    return time.monotonic() - started


class Child:
    """A process in a group of its own, its output in a file. It dies with the test run."""

    def __init__(
        self, name: str, arguments: Sequence[str], environment: Mapping[str, str], folder: Path
    ) -> None:
        self.name = name
        self.log = folder / f"{name}.log"
        self._arguments, self._environment = arguments, environment
        self.process = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as output:
            return spawn(
                self._arguments,
                on_parent_death=signal.SIGKILL,
                environment=self._environment,
                stdout=output,
                folder=PROJECT,
            )

    def start_again_if_dead(self) -> None:
        """As the supervisor does."""
        if self.process.poll() is not None:
            self.kill()  # what is left of its group
            self.process = self._start()

    def wait_for_line(self, line: str) -> None:
        def said() -> bool:
            assert self.process.poll() is None, f"{self.name} ended: {self.output()}"
            return line in self.output().splitlines()

        wait_until(said, f"{self.name} says '{line}'", seconds=START_SECONDS)

    def output(self) -> str:
        return self.log.read_text(errors="replace")

    def kill(self) -> None:
        """SIGKILL to the whole group: nobody gets to clean up."""
        send(self.process, signal.SIGKILL, group=True)
        self.process.wait()

    def end(self) -> None:
        """TERM, and the time to finish."""
        stop(self.process, (signal.SIGTERM, 20.0))


class Part(Child):
    """Says a line of its own when it is ready."""

    ready_line: ClassVar[str]

    def wait_until_ready(self) -> Self:
        self.wait_for_line(self.ready_line)
        return self


class Worker(Part):
    """A Celery worker. `queue` is its own: what a test sends there, this one takes."""

    ready_line = "the worker is ready"

    def __init__(
        self, environment: Mapping[str, str], folder: Path, *queues: str, processes: int = 2
    ) -> None:
        number = next(_numbers)
        self.queue = f"worker-{number}"
        super().__init__(
            f"worker-{number}",
            (
                *CELERY,
                *("worker", "-Q", ",".join((self.queue, *queues)), "-n", f"{self.queue}@test"),
                *("--concurrency", str(processes), "--loglevel", "WARNING"),
                *("--without-gossip", "--without-mingle"),
            ),
            environment,
            folder,
        )

    def freeze(self) -> None:
        """All of it stands still: only to be killed."""
        send(self.process, signal.SIGSTOP, group=True)

    def kill_processes(self) -> None:
        """SIGKILL to those that do the tasks, as when memory runs out; the worker itself lives, and
        goes on where it was frozen.
        """
        for child in psutil.Process(self.process.pid).children():
            with suppress(psutil.NoSuchProcess):
                child.kill()
        send(self.process, signal.SIGCONT, group=True)


class Beat(Part):
    """A Celery beat with the schedule from the database."""

    ready_line = "the beat is ready"

    def __init__(self, environment: Mapping[str, str], folder: Path) -> None:
        super().__init__(
            f"beat-{next(_numbers)}",
            (*CELERY, "beat", "--pidfile=", "--max-interval", "1", "--loglevel", "WARNING"),
            environment,
            folder,
        )
