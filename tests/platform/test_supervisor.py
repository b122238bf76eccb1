"""The supervisor, run for real over tiny programs."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from nija.supervisor import Part
from nija.supervisor.part import GROWN_UP_SECONDS, RunningPart
from tests.platform.server_processes import PROJECT, wait_until


class SmallPlatform:
    """A supervisor in a process of its own, and what it prints."""

    def __init__(self, folder: Path, *parts: str) -> None:
        self.folder = folder
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.platform.small_platform", str(folder), *parts],
            stdout=subprocess.PIPE,
            text=True,
            cwd=PROJECT,
        )

    def wait_for(self, line: str) -> None:
        assert self.process.stdout is not None
        end = threading.Timer(10, self.process.kill)  # which ends the output, too
        end.start()
        seen = []
        for printed in self.process.stdout:
            seen.append(printed.rstrip())
            if seen[-1] == line:
                end.cancel()
                return
        pytest.fail(f"{line!r} never came, but {seen}")

    def pid_of(self, name: str) -> int:
        """As the program writes it when it is up; a file is there before what is in it."""
        file = self.folder / name
        wait_until(lambda: file.exists() and file.read_text() != "")
        return int(file.read_text())

    def end(self, signum: signal.Signals = signal.SIGTERM) -> list[str]:
        self.process.send_signal(signum)
        said, _ = self.process.communicate(timeout=10)
        return said.splitlines()


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., SmallPlatform]]:
    started: list[SmallPlatform] = []

    def start(*parts: str) -> SmallPlatform:
        started.append(SmallPlatform(tmp_path, *parts))
        return started[-1]

    yield start
    for platform in started:
        if platform.process.poll() is None:
            platform.process.kill()
            platform.process.communicate()


def is_gone(pid: int) -> bool:
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT])
def test_it_tells_when_a_part_is_ready_and_stops_it_cleanly(
    start: Callable[..., SmallPlatform], signum: signal.Signals
) -> None:
    platform = start("steady")
    platform.wait_for("steady   ready   up")

    assert platform.end(signum) == [
        "all      stops   steady",
        "steady   | says bye",
        "buried",
        "steady   stopped",
    ]
    assert platform.process.returncode == 0


def test_a_part_that_dies_is_started_again(start: Callable[..., SmallPlatform]) -> None:
    platform = start("steady")
    platform.wait_for("steady   ready   up")
    first = platform.pid_of("steady")
    os.kill(first, signal.SIGKILL)

    platform.wait_for("steady   died    (signal SIGKILL); starts again in 1 s")
    platform.wait_for("steady   ready   up")
    assert platform.pid_of("steady") != first


def test_a_part_that_keeps_dying_is_started_less_and_less_often(
    start: Callable[..., SmallPlatform],
) -> None:
    platform = start("mortal")
    platform.wait_for("mortal   died    (exit 3); starts again in 1 s")
    platform.wait_for("mortal   died    (exit 3); starts again in 2 s")


def test_the_wait_grows_to_half_a_minute_and_is_forgotten_after_a_long_life(
    tmp_path: Path,
) -> None:
    running = RunningPart(Part("brief", ("/bin/true",)))

    def dies_after(seconds: float) -> float:
        running.start(0.0, environment={}, folder=tmp_path)
        return running.bury(seconds)

    assert [dies_after(1.0) for _ in range(7)] == [1, 2, 4, 8, 16, 30, 30]
    assert dies_after(GROWN_UP_SECONDS) == 1


def test_a_part_that_will_not_stop_is_killed(start: Callable[..., SmallPlatform]) -> None:
    platform = start("stubborn", "steady")
    platform.wait_for("stubborn ready   up")
    stubborn = platform.pid_of("stubborn")
    before = time.monotonic()

    assert platform.end()[-1] == "stubborn stopped"
    assert time.monotonic() - before < 5
    assert is_gone(stubborn)


@pytest.mark.parametrize("means", [[], ["leashed"]], ids=["by the kernel", "by a leash"])
def test_the_parts_die_with_a_killed_supervisor(
    start: Callable[..., SmallPlatform], means: list[str]
) -> None:
    platform = start(*means, "steady", "stubborn")
    platform.wait_for("stubborn ready   up")
    pids = [platform.pid_of("steady"), platform.pid_of("stubborn")]
    assert not any(is_gone(pid) for pid in pids)

    platform.end(signal.SIGKILL)

    wait_until(lambda: all(is_gone(pid) for pid in pids), seconds=3)


def test_what_a_dead_part_had_started_is_ended_before_it_starts_again(
    start: Callable[..., SmallPlatform],
) -> None:
    platform = start("parent")
    platform.wait_for("parent   ready   up")
    grandchild = platform.pid_of("grandchild")
    os.kill(platform.pid_of("parent"), signal.SIGKILL)

    platform.wait_for("parent   died    (signal SIGKILL); starts again in 1 s")
    wait_until(lambda: is_gone(grandchild))
