"""Our worker and the floor, each in a process of its own that we write to or read from."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import IO

from tests.servers import PROJECT, free_port, wait_for


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
def floor() -> Iterator[tuple[int, IO[str]]]:
    """Yields its port, and the input whose lines it writes to everybody."""
    port = free_port()
    process = _started([str(PROJECT / "benchmarks/streaming/floor.py"), str(port)], {})
    assert process.stdin is not None
    try:
        wait_for(port, process)
        yield port, process.stdin
    finally:
        _end(process)


def _started(arguments: Sequence[str], environment: Mapping[str, str]) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, *arguments],
        env={**os.environ, **environment},
        cwd=PROJECT,
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
