"""The keepers and servers of a checkout as processes, and other processes that use them."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psutil

from nija import embedded

PROJECT = Path(__file__).parents[2]
SERVER_WORDS = ("nija.embedded.keeper", "valkey-server", "postgres -D")
USER = """
import sys
from pathlib import Path
from nija import embedded
embedded.ensure(Path(sys.argv[1]), profile=sys.argv[2])
print("ready", flush=True)
sys.stdin.read()
"""


def wait_until(condition: Callable[[], bool], *, seconds: float = 10.0) -> None:
    """Return as soon as it holds; fail the test when it never does."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.02)


def processes_of(root: Path) -> list[psutil.Process]:
    """Every keeper and server process of a checkout."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.NoSuchProcess):
            command = " ".join(process.cmdline())
            if str(root) in command and (
                "keeper" in command or "server" in command or "-D" in command
            ):
                found.append(process)
    return found


def keeper_of(root: Path, name: str) -> psutil.Process:
    """The one keeper of one server."""
    (keeper,) = [
        process
        for process in processes_of(root)
        if "nija.embedded.keeper" in process.cmdline() and name in process.cmdline()
    ]
    return keeper


def server_of(keeper: psutil.Process) -> psutil.Process:
    """The main process of the server that a keeper keeps now."""
    found: list[psutil.Process] = []

    def has_one() -> bool:
        with suppress(psutil.NoSuchProcess):  # one that has just died
            found[:] = [child for child in keeper.children() if child.status() != "zombie"]
        return len(found) == 1

    wait_until(has_one)
    return found[0]


class ServerUser:
    """Another process that uses the servers of a checkout until it is told to end."""

    def __init__(self, root: Path, profile: embedded.Profile = "test") -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", USER, str(root), profile],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=PROJECT,
        )

    def wait_until_ready(self) -> None:
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == b"ready\n"

    def end(self) -> None:
        self.process.communicate()

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()
