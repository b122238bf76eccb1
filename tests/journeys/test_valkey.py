"""Valkey carries wake-ups only. Killed or hung, it delays what people hear and loses nothing."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping
from datetime import datetime

import pytest

from apps.events.models import Event
from apps.execution.models import Position, Trade
from tests.fakes import JUMP, MONDAY, QUIET
from tests.journeys.conftest import Crew
from tests.journeys.crowd import gather
from tests.journeys.outcome import assert_events_match, assert_sound, everything_was_told
from tests.journeys.processes import PROJECT, wait_until
from tests.valkey import PrivateValkey, private_valkey

# What candles may wait because their wake-ups find nobody: each one, and all of them.
DOWN_SECONDS = 2.0
HUNG_SECONDS = 9.0
CLOSER = """
import sys, time
from datetime import datetime
import django
django.setup()
from nija.celery import app
from apps.execution import pipeline

waited, send = 0.0, app.send_task

def send_timed(*arguments, **options):
    global waited
    started = time.perf_counter()
    try:
        return send(*arguments, **options)
    finally:
        waited += time.perf_counter() - started

app.send_task = send_timed
for line in sys.stdin:
    venue, now = line.split()
    waited = 0.0
    pipeline.close_candles(venue, datetime.fromisoformat(now))
    print(waited, flush=True)
"""


class Closer:
    """A process that takes candles through the pipeline when it is told to, as a feed does."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", CLOSER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=dict(environment),
            cwd=PROJECT,
            text=True,
        )

    def close(self, venue: str, now: datetime) -> float:
        """The seconds that it spent on waking others; the rest is the work itself."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{venue} {now.isoformat()}\n")
        self.process.stdin.flush()
        return float(self.process.stdout.readline())

    def end(self) -> None:
        self.process.communicate(timeout=20)


@pytest.fixture
def broker() -> Iterator[PrivateValkey]:
    with private_valkey() as server:
        yield server


@pytest.fixture
def environment(child_environment: Mapping[str, str], broker: PrivateValkey) -> Mapping[str, str]:
    return {**child_environment, "REDIS_URL": broker.url}


@pytest.fixture
def closer(environment: Mapping[str, str]) -> Iterator[Closer]:
    made = Closer(environment)
    yield made
    made.end()


def test_without_valkey_candles_go_on_and_people_hear_of_them_when_it_is_back(
    crew: Crew, environment: Mapping[str, str], broker: PrivateValkey, closer: Closer
) -> None:
    parts = (crew.worker(environment, "trade", "exits", "background"), crew.beat(environment))
    crowd = gather(20)

    def play(price: str, opened: datetime) -> tuple[datetime, float]:
        moment = crowd.write([price], opened)
        return moment, closer.close(crowd.venue.code, moment)

    def has_caught_up() -> bool:
        for part in parts:
            part.start_again_if_dead()
        return everything_was_told()

    moment = MONDAY
    for price in QUIET:
        moment, _ = play(price, moment)
    for part in parts:
        part.wait_until_ready()
    wait_until(everything_was_told, "the relay follows")

    broker.kill()
    waits = []
    for price in (JUMP, "102.5"):
        moment, waited = play(price, moment)
        waits.append(waited)
    assert 0 < max(waits) < DOWN_SECONDS
    assert Position.objects.exclude(quantity=0).exists()
    assert not everything_was_told()
    broker.start()
    wait_until(has_caught_up, "the relay has caught up", seconds=60)

    broker.hang()
    in_all = 0.0
    for price in ("102", "98", "98", "98"):
        moment, waited = play(price, moment)
        in_all += waited
    broker.go_on()
    assert in_all < HUNG_SECONDS
    assert Trade.objects.exists()
    wait_until(has_caught_up, "the relay has caught up again", seconds=60)

    assert_sound(crowd)
    assert_events_match()
    assert Event.objects.filter(kind="candles.closed").count() == len(QUIET) + 6
