"""The servers that are measured, each in a process of its own."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

ROOT = Path(__file__).parents[2]
START_SECONDS = 60.0


@contextmanager
def worker(environment: Mapping[str, str]) -> Iterator[None]:
    command = ["-m", "celery", "--quiet", "-A", "nija.celery", "worker", "-Q", "trade,background"]
    command += ["--concurrency", "2", "--loglevel", "WARNING"]
    process = _started([*command, "--without-gossip", "--without-mingle"], environment)
    try:
        while "the worker is ready" not in _output(process).readline():
            assert process.poll() is None, "the worker has ended"
        yield
    finally:
        _end(process)


@contextmanager
def daphne(module: str, environment: Mapping[str, str]) -> Iterator[int]:
    """Yields its port."""
    port = _free_port()
    command = ["-m", "daphne", "-v", "0", "-b", "127.0.0.1", "-p", str(port)]
    process = _started([*command, f"{module}:application"], environment)
    try:
        _wait_for(port, process)
        yield port
    finally:
        _end(process)


@contextmanager
def floor() -> Iterator[tuple[int, IO[str]]]:
    """Yields its port, and the input whose lines it writes to everybody."""
    port = _free_port()
    process = _started([str(ROOT / "benchmarks/streaming/floor.py"), str(port)], {})
    assert process.stdin is not None
    try:
        _wait_for(port, process)
        yield port, process.stdin
    finally:
        _end(process)


def _started(arguments: Sequence[str], environment: Mapping[str, str]) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, *arguments],
        env={**os.environ, **environment},
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def _output(process: "subprocess.Popen[str]") -> IO[str]:
    assert process.stdout is not None
    return process.stdout


def _end(process: "subprocess.Popen[str]") -> None:
    process.terminate()
    process.communicate()


def _wait_for(port: int, process: "subprocess.Popen[str]") -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        assert process.poll() is None, "the server has ended"
        assert time.monotonic() < deadline, "the server did not start"
        time.sleep(0.05)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
