"""Workers are killed outright at random moments of a candle; what comes of it is what would have
come of it anyway. CRASH_KILLS in the environment changes how many, CRASH_SEED repeats a run.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime

from celery import current_app

from apps.events.models import Event
from apps.execution.models import Order
from apps.strategies.models import Run
from nija.settings import env
from tests.fakes import MONDAY, close
from tests.journeys import story
from tests.journeys.conftest import Crew
from tests.journeys.crowd import Crowd, gather
from tests.journeys.outcome import (
    assert_events_match,
    assert_sound,
    everything_was_told,
    is_taken,
    outcome,
)
from tests.journeys.processes import Worker, wait_until

PEOPLE = 100
KILLS = env.integer("CRASH_KILLS", 8)
SEED = env.integer("CRASH_SEED", 0) or random.SystemRandom().randrange(1, 1_000_000)
AGAIN_SECONDS = 1.0  # until the sweep comes again
HALF = 0.5


def test_a_worker_that_is_killed_at_random_moments_leaves_no_trace(
    crew: Crew, child_environment: Mapping[str, str]
) -> None:
    print(f"CRASH_SEED={SEED} CRASH_KILLS={KILLS}")  # noqa: T201 - shown when the test fails
    storm = Storm(crew, child_environment, random.Random(SEED))
    calm = gather(PEOPLE, venue="calm", number="1")
    usual = [_undisturbed(calm, index) for index in range(story.CLOSES)]
    hit = gather(PEOPLE, venue="hit", number="2")
    for index in range(len(story.QUIET)):
        _undisturbed(hit, index)

    eventful = range(len(story.QUIET), story.CLOSES)
    # The longer a close takes, the likelier it is hit.
    kills = Counter(storm.chance.choices(eventful, [usual[index] for index in eventful], k=KILLS))
    for index in eventful:
        moment = story.tell(hit, index)
        for _ in range(kills[index]):
            storm.kill_during(hit, moment, usual[index])
        storm.drive(hit, moment)
    storm.drive_until_answered(hit)

    print(*storm.landed, sep="\n")  # noqa: T201 - shown when the test fails
    assert len(storm.landed) == KILLS
    assert_sound(calm, hit)
    expected, found = outcome(calm), outcome(hit)
    for what, rows in expected.items():
        assert found[what] == rows, what
    assert_events_match()
    assert Event.objects.filter(kind="candles.closed").count() == 2 * story.CLOSES


class Storm:
    """Has one worker at work and one in reserve, and kills the one at work: all of it, or only the
    processes that do its tasks.
    """

    def __init__(self, crew: Crew, environment: Mapping[str, str], chance: random.Random) -> None:
        self.crew, self.environment, self.chance = crew, environment, chance
        self.landed: list[str] = []
        self.at_work, self.reserve = self._start(), self._start()

    def kill_during(self, crowd: Crowd, moment: datetime, usual: float) -> None:
        self.at_work.wait_until_ready()
        delay = self.chance.uniform(0, 1.2 * usual)
        self._send("close_candles", crowd, moment)
        time.sleep(delay)
        if self.chance.random() < HALF:
            self.at_work.kill()
            self.at_work, self.reserve = self.reserve, self._start()
        else:
            self.at_work.kill_processes()
        self.landed.append(f"{moment:%H:%M} after {delay:.2f} s: {_how_far(crowd, moment)}")

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


def _undisturbed(crowd: Crowd, index: int) -> float:
    """Take the close here and now; the seconds it took."""
    moment = story.tell(crowd, index)
    started = time.perf_counter()
    close(crowd.venue, moment)
    return time.perf_counter() - started


def _how_far(crowd: Crowd, moment: datetime) -> str:
    """Where the candle stood when its worker died."""
    runs = Run.objects.filter(instrument__in=crowd.instruments, candle_close_time=moment)
    orders = Order.objects.filter(instrument__in=crowd.instruments, active_from=moment)
    return (
        f"{runs.count()} runs, {runs.filter(expected__gt=0, decided_at=None).count()} undecided, "
        f"{orders.filter(status='pending').count()} of {orders.count()} orders pending, "
        f"{'done' if is_taken(crowd, moment) else 'not done'}"
    )
