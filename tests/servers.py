"""Servers that a test or a benchmark starts on a free port and asks over the network."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from nija.processes import spawn, stop

PROJECT = Path(__file__).parents[1]
START_SECONDS = 60.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(port: int, process: "subprocess.Popen[Any]") -> None:
    """Return when it takes connections."""
    deadline = time.monotonic() + START_SECONDS
    while True:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        assert process.poll() is None, "the server has ended"
        assert time.monotonic() < deadline, "the server did not start"
        time.sleep(0.05)


@contextmanager
def serving(
    command: Sequence[str], port: int, environment: Mapping[str, str], *, is_quiet: bool = False
) -> Iterator["subprocess.Popen[bytes]"]:
    """A server that takes connections there, ended afterwards. What it prints is passed on."""
    process = spawn(
        command,
        on_parent_death=signal.SIGTERM,
        environment={**os.environ, **environment},
        stdout=subprocess.DEVNULL if is_quiet else _our_output(),
        folder=PROJECT,
    )
    try:
        wait_for(port, process)
        yield process
    finally:
        stop(process, (signal.SIGTERM, 10.0))


@contextmanager
def daphne(module: str, environment: Mapping[str, str]) -> Iterator[int]:
    """Serves the module's `application`; yields its port."""
    port = free_port()
    options = ("-v", "0", "-b", "127.0.0.1", "-p", str(port))
    command = (sys.executable, "-m", "daphne", *options, f"{module}:application")
    with serving(command, port, environment):
        yield port


def _our_output() -> int:
    return sys.__stdout__.fileno() if sys.__stdout__ else subprocess.DEVNULL
