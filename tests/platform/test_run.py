"""`manage.py run`: what it refuses, and the real parts under it."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import psutil
import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from nija import embedded
from nija.embedded.locks import FileLock
from nija.embedded.private import var_folder
from tests.platform.server_processes import PROJECT, wait_until
from tests.servers import free_port

USAGE_ERROR = 2


class Platform:
    """A running `manage.py run`."""

    def __init__(self, environment: Mapping[str, str], *arguments: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(PROJECT / "manage.py"), "run", *arguments],
            env=dict(environment),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.said: list[str] = []

    def wait_for(self, pattern: str, *, seconds: float = 40) -> None:
        assert self.process.stdout is not None
        end = threading.Timer(seconds, self.process.kill)  # which ends the output, too
        end.start()
        while not any(re.match(pattern, line) for line in self.said):
            line = self.process.stdout.readline()
            assert line, f"{pattern!r} never came, but {self.said}"
            self.said.append(line.rstrip())
        end.cancel()

    def child(self, word: str) -> psutil.Process:
        (found,) = [
            child
            for child in psutil.Process(self.process.pid).children()
            if word in child.cmdline()
        ]
        return found


@pytest.fixture
def start() -> Iterator[Callable[..., Platform]]:
    started: list[Platform] = []

    def start(environment: Mapping[str, str], *arguments: str) -> Platform:
        started.append(Platform(environment, *arguments))
        return started[-1]

    yield start
    for platform in started:
        if platform.process.poll() is None:
            platform.process.kill()
        platform.process.communicate()


def test_a_taken_port_is_a_clear_error_before_anything_starts(
    start: Callable[..., Platform],
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        platform = start(
            {
                "PORT": str(port),
                "DJANGO_SETTINGS_MODULE": "nija.settings.test",
                "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
                "REDIS_URL": "redis://127.0.0.1:1/0",
            }
        )
        said, _ = platform.process.communicate(timeout=30)

    assert platform.process.returncode == USAGE_ERROR
    assert f"127.0.0.1:{port} is taken by another program" in said
    assert f"PORT={port + 1}" in said
    assert "Traceback" not in said


def test_a_reset_never_touches_a_server_that_is_not_ours(settings: Settings) -> None:
    settings.EMBEDDED_SERVERS = ("valkey",)  # as with DATABASE_URL set

    with pytest.raises(CommandError, match="DATABASE_URL") as refused:
        call_command("run", "--reset", "--only", "beat")
    assert refused.value.returncode == USAGE_ERROR


@pytest.mark.parametrize("arguments", [[], ["--reset"]])
def test_one_folder_has_one_platform(
    settings: Settings, tmp_path: Path, arguments: list[str]
) -> None:
    settings.EMBEDDED_SERVERS = embedded.BOTH
    settings.BASE_DIR = tmp_path
    settings.PORT = free_port()
    lock = FileLock(var_folder(tmp_path) / "run.lock")
    assert lock.try_alone()
    try:
        with pytest.raises(CommandError, match="already runs"):
            call_command("run", *arguments)
    finally:
        lock.close()


def test_an_unknown_part_is_named() -> None:
    with pytest.raises(CommandError, match="no part is called wbe; there are web, worker"):
        call_command("run", "--only", "wbe,worker")


def test_the_parts_serve_survive_a_death_and_stop_within_ten_seconds(
    child_environment: Mapping[str, str], start: Callable[..., Platform]
) -> None:
    port = free_port()
    platform = start({**child_environment, "PORT": str(port)}, "--only", "web,worker,beat")
    platform.wait_for(rf"web      ready   http://127.0.0.1:{port}$")
    platform.wait_for("worker   ready   2 processes")
    platform.wait_for("beat     ready")
    with urllib.request.urlopen(
        f"http://127.0.0.1:{port}/static/vendor/lightweight-charts.js"
    ) as got:
        assert b"LightweightCharts" in got.read()

    worker = platform.child("worker")
    family = [worker, *worker.children(recursive=True)]
    worker.kill()
    platform.said.clear()
    platform.wait_for(r"worker   died    \(signal SIGKILL\)")
    platform.wait_for("worker   ready")
    assert not any(process.is_running() for process in family)

    family = psutil.Process(platform.process.pid).children(recursive=True)
    asked = time.monotonic()
    platform.process.send_signal(signal.SIGINT)
    said, _ = platform.process.communicate(timeout=10)
    assert time.monotonic() - asked < 10
    assert platform.process.returncode == 0, said
    assert {f"{part:<8} stopped" for part in ("web", "worker", "beat")} <= set(said.splitlines())
    assert not any(process.is_running() for process in family)


def test_the_parts_die_with_a_killed_platform(
    child_environment: Mapping[str, str], start: Callable[..., Platform]
) -> None:
    platform = start(child_environment, "--only", "worker")
    platform.wait_for("worker   ready")
    family = psutil.Process(platform.process.pid).children(recursive=True)
    assert len(family) == 3  # the worker and its two pool processes
    platform.process.kill()

    wait_until(lambda: not any(process.is_running() for process in family), seconds=5)
