"""The command drains by itself: no worker is there, and Valkey is dead."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping

import pytest

from apps.execution.models import Order, Position
from apps.market.models import MarketClock
from apps.risk.models import KillSwitch
from tests.fakes import JUMP, MONDAY, QUIET, World, world, write
from tests.journeys.processes import PROJECT, wait_until
from tests.valkey import private_valkey


@pytest.fixture
def alone(child_environment: Mapping[str, str]) -> Iterator[Mapping[str, str]]:
    with private_valkey() as broker:
        broker.kill()
        yield {**child_environment, "REDIS_URL": broker.url}


@pytest.fixture
def lab(child_environment: Mapping[str, str]) -> World:
    return world()


def _command(environment: Mapping[str, str], *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "manage.py", "kill_switch", *arguments],
        env=dict(environment),
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_working_entries_end_without_a_worker_and_without_valkey(
    lab: World, alone: Mapping[str, str]
) -> None:
    lab.play(*QUIET, JUMP, first=MONDAY)

    done = _command(alone, "trip", "--reason", "drill")
    said, problems = done.communicate(timeout=60)

    assert done.returncode == 0, problems
    assert "cancelled: 1; filled: 0; ended otherwise: 0; still working: 0." in said
    assert Order.objects.get().status == "canceled"
    assert KillSwitch.objects.get().drained_at is not None


def test_positions_are_closed_on_the_next_candle_without_a_worker_and_without_valkey(
    lab: World, alone: Mapping[str, str]
) -> None:
    after = lab.play(*QUIET, JUMP, "102.5", first=MONDAY)
    arguments = ("trip", "--reason", "drill", "--close-positions", "--yes", "--timeout", "60")

    tripping = _command(alone, *arguments)
    exits = Order.objects.filter(leg="exit", status="accepted")
    wait_until(exits.exists, "the exit has been sent", seconds=60)
    moment = write(lab.instrument, ["102.6"], after)  # by a feed; nobody takes it but the command
    MarketClock.objects.update(now=moment)
    said, problems = tripping.communicate(timeout=90)

    assert tripping.returncode == 0, problems
    assert "Positions to close: 1; not flat: 1." in said
    assert said.rstrip().endswith("Open positions: 0. Done.")
    assert Position.objects.get().quantity == 0


def test_what_is_not_seen_to_end_is_not_called_done(lab: World, alone: Mapping[str, str]) -> None:
    lab.play(*QUIET, JUMP, "102.5", first=MONDAY)  # and no candle comes any more
    arguments = ("trip", "--reason", "drill", "--close-positions", "--yes", "--timeout", "1")

    tripping = _command(alone, *arguments)
    said, problems = tripping.communicate(timeout=60)
    status = _command(alone, "status")
    shown, _ = status.communicate(timeout=60)

    assert tripping.returncode == status.returncode == 1
    assert "NOT_DRAINED" in problems
    assert said.rstrip().endswith("Not done.")
    assert "not flat: 1." in shown
    assert KillSwitch.objects.get().drained_at is None
