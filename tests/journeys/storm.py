"""Workers that are killed outright while they take a candle through the pipeline."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

import redis
from celery import current_app
from django.conf import settings
from django.db import connection

from apps.execution.models import Fill, Order
from apps.strategies.models import Run
from tests.fakes import MINUTE, MONDAY, close
from tests.journeys import story
from tests.journeys.conftest import Crew
from tests.journeys.crowd import Crowd
from tests.journeys.outcome import everything_was_told, is_taken
from tests.journeys.processes import Worker, wait_until

AGAIN_SECONDS = 1.0  # until the sweep comes again
HALF = 0.5


# What a transaction that is open at that moment is for, by what it has written to.
WRITING = {
    "execution_fill": "while fills were posted",
    "risk_decision": "while deciding and writing orders",
    "strategies_run": "while the strategies' answers were written",
    "execution_order": "while orders were sent or moved",
}


class Standing(NamedTuple):
    """Where a candle stood when its worker had died; `writing` are the tables that its open
    transaction had written to.
    """

    writing: frozenset[str]
    fills: int
    runs: int
    undecided: int
    orders: int
    pending: int
    is_done: bool

    @property
    def point(self) -> str:
        if self.is_done:
            return "after the last commit"
        for table, work in WRITING.items():
            if table in self.writing:
                return work
        if not self.runs:
            return "between the fills and the look" if self.fills else "before the first fill"
        if self.undecided:
            return "between looking and the last decision"
        if self.pending:
            return "between deciding and sending"
        return "between sending and the end"


class Storm:
    """Has one worker at work and one in reserve, and kills the one at work: all of it, or only the
    processes that do its tasks.
    """

    def __init__(self, crew: Crew, environment: Mapping[str, str], chance: random.Random) -> None:
        self.crew, self.environment, self.chance = crew, environment, chance
        self.landed: list[Standing] = []
        self.valkey = redis.Redis.from_url(settings.REDIS_URL)
        self.at_work, self.reserve = self._start(), self._start()

    def kill_during(self, crowd: Crowd, moment: datetime, usual: float) -> Standing:
        """Let the worker take the task, and some of the time that it usually needs; then freeze it,
        see what it is doing, and kill it.
        """
        self.at_work.wait_until_ready()
        delay = self.chance.uniform(0, usual)
        self._send("close_candles", crowd, moment)
        while self.valkey.llen(self.at_work.queue):
            time.sleep(0.001)
        time.sleep(delay)
        self.at_work.freeze()
        writing = _being_written()
        if self.chance.random() < HALF:
            self.at_work.kill()
            self.at_work, self.reserve = self.reserve, self._start()
        else:
            self.at_work.kill_processes()
        self.landed.append(_how_far(crowd, moment, writing))
        return self.landed[-1]

    def drive(self, crowd: Crowd, moment: datetime) -> None:
        """The task again, as the next beat would send it, or only the sweep, until all is done."""
        self.at_work.wait_until_ready()
        if self.chance.random() < HALF:
            self._send("close_candles", crowd, moment)
        wait_until(
            lambda: self._swept_until(lambda: is_taken(crowd, moment)),
            f"{moment} is taken",
            seconds=60,
        )

    def drive_until_answered(self, crowd: Crowd) -> None:
        unanswered = Order.objects.filter(instrument__in=crowd.instruments, status="submitted")
        wait_until(
            lambda: self._swept_until(lambda: everything_was_told() and not unanswered.exists()),
            "every order is answered and every event told",
            seconds=60,
        )

    def _start(self) -> Worker:
        return self.crew.worker(self.environment, "background")

    def _swept_until(self, is_done: Callable[[], bool]) -> bool:
        """What the schedule does every few seconds, and some time for it."""
        if is_done():
            return True
        self._send("sweep")
        current_app.send_task("apps.events.tasks.relay", queue=self.at_work.queue)
        given_up = time.monotonic() + AGAIN_SECONDS
        while time.monotonic() < given_up:
            if is_done():
                return True
            time.sleep(0.01)
        return False

    def _send(self, task: str, crowd: Crowd | None = None, moment: datetime = MONDAY) -> None:
        arguments = {"venue": crowd.venue.code, "now": moment.isoformat()} if crowd else {}
        current_app.send_task(
            f"apps.execution.tasks.{task}", kwargs=arguments, queue=self.at_work.queue
        )


def tell_calmly(crowd: Crowd) -> list[float]:
    """The whole story, here and now; the seconds that each close took."""
    return [undisturbed(crowd, index) for index in range(story.CLOSES)]


def tell_in(storm: Storm, crowd: Crowd, kills: int, usual: Sequence[float]) -> None:
    """The whole story, its worker killed so many times; until every order is answered."""
    for index in range(len(story.QUIET)):
        undisturbed(crowd, index)
    eventful = range(len(story.QUIET), story.CLOSES)
    # The longer a close takes, the likelier it is hit.
    weights = [usual[index] for index in eventful]
    hits = Counter(storm.chance.choices(eventful, weights, k=kills))
    for index in eventful:
        moment = story.tell(crowd, index)
        while hits[index]:
            hits[index] -= 1
            if storm.kill_during(crowd, moment, usual[index]).is_done and index != eventful[-1]:
                hits[index + 1] += hits.pop(index)  # nothing is left here to be interrupted
        storm.drive(crowd, moment)
    storm.drive_until_answered(crowd)


def undisturbed(crowd: Crowd, index: int) -> float:
    """Take the close here and now; the seconds it took."""
    moment = story.tell(crowd, index)
    started = time.perf_counter()
    close(crowd.venue, moment)
    return time.perf_counter() - started


def _being_written() -> frozenset[str]:
    """The tables that transactions open now have written to."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT relname FROM pg_locks JOIN pg_class ON pg_class.oid = relation "
            "JOIN pg_database ON pg_database.oid = database WHERE datname = current_database() "
            "AND mode = 'RowExclusiveLock' AND relkind = 'r'"
        )
        return frozenset(name for (name,) in cursor.fetchall())


def _how_far(crowd: Crowd, moment: datetime, writing: frozenset[str]) -> Standing:
    runs = Run.objects.filter(instrument__in=crowd.instruments, candle_close_time=moment)
    orders = Order.objects.filter(instrument__in=crowd.instruments, active_from=moment)
    filled = Fill.objects.filter(instrument__in=crowd.instruments, filled_at=moment - MINUTE)
    return Standing(
        writing=writing,
        fills=filled.count(),
        runs=runs.count(),
        undecided=runs.filter(expected__gt=0, decided_at=None).count(),
        orders=orders.count(),
        pending=orders.filter(status="pending").count(),
        is_done=is_taken(crowd, moment),
    )
