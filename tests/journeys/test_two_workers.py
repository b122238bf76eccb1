"""Any number of workers and beats: each close is taken once, each decision made once."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import psutil
import pytest
import redis
from celery import current_app
from django.db import connection
from django.utils import timezone
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from apps.events.models import Event
from apps.execution import pipeline
from apps.execution.models import Fill, Order
from apps.execution.services import closes
from apps.market.models import CandleCursor, MarketClock
from apps.market.services import cursors
from apps.risk.models import Decision
from apps.strategies.models import Run
from tests.fakes import MINUTE, MONDAY
from tests.journeys.conftest import Crew, is_at_rest
from tests.journeys.crowd import Crowd, gather
from tests.journeys.outcome import assert_sound, everything_was_told, is_taken, outcome, twice
from tests.journeys.processes import Worker, wait_until
from trading.candles import Timeframe, floor_time

PEOPLE = 40
COPIES = 8
THREADS = 4
# The averages of 2 and 3 candles cross at every close: each brings an entry or an exit.
ZIGZAG = ["100", "104"] * 3


def test_a_worker_that_is_ready_has_loaded_what_strategies_compute_with(
    two_workers: list[Worker],
) -> None:
    for worker in two_workers:
        pool = psutil.Process(worker.process.pid).children()
        assert pool
        for process in pool:
            loaded = {Path(part.path).name for part in process.memory_maps()}
            assert any(name.startswith("_ta_lib") for name in loaded)


def test_the_same_closes_told_many_times_to_two_workers_happen_once(
    two_workers: list[Worker],
) -> None:
    calm = gather(PEOPLE, venue="calm", number="1")
    calm.play(*ZIGZAG, first=MONDAY)
    busy = gather(PEOPLE, venue="busy", number="2")
    moment = busy.play(*ZIGZAG[:2], first=MONDAY)

    for price in ZIGZAG[2:]:
        moment = busy.write([price], moment)
        MarketClock.objects.filter(venue=busy.venue).update(now=moment)
        for worker in two_workers * COPIES:
            _send("close_candles", worker.queue, venue=busy.venue.code, now=moment.isoformat())
            _send("sweep", worker.queue)
        wait_until(lambda: is_taken(busy, moment), f"{moment} is taken")  # noqa: B023

    assert Run.objects.filter(version=busy.first).count() == 2 * len(ZIGZAG)
    wait_until(everything_was_told, "every event is told")
    assert_sound(calm, busy)
    assert outcome(busy) == outcome(calm)
    assert Event.objects.filter(kind="candles.closed").count() == 2 * len(ZIGZAG)


@pytest.mark.django_db(transaction=True)
def test_the_rows_guard_each_step_and_the_lock_only_spares_work(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    calm = gather(PEOPLE, venue="calm", number="1")
    calm.play(*ZIGZAG, first=MONDAY)
    wild = gather(PEOPLE, venue="wild", number="2")
    monkeypatch.setattr(closes, "one_closer", _everybody)

    with ThreadPoolExecutor(THREADS) as threads:
        moment = MONDAY
        for price in ZIGZAG:
            moment = wild.write([price], moment)
            all_at_once = [threads.submit(_close, wild, moment) for _ in range(THREADS)]
            assert sum(taken.result() for taken in all_at_once) >= 1

    assert_sound(calm, wild)
    assert outcome(wild) == outcome(calm)
    assert Event.objects.filter(kind="candles.closed").count() == 2 * len(ZIGZAG)


def test_two_beats_close_each_candle_of_a_real_clock_once(
    two_workers: list[Worker],
    crew: Crew,
    child_environment: Mapping[str, str],
    valkey: redis.Redis,
) -> None:
    crowd = gather(PEOPLE, venue="wall", number="1")
    latest = floor_time(timezone.now(), Timeframe.M1)
    followed_from = latest - 5 * MINUTE
    _follow_from(crowd, followed_from)
    crowd.write(ZIGZAG * 3, latest - 9 * MINUTE)  # those to come lie ahead of the clock
    often = IntervalSchedule.objects.create(every=1, period=IntervalSchedule.SECONDS)
    PeriodicTask.objects.create(
        name="often", task="apps.execution.tasks.close_due_candles", interval=often
    )

    beats = [crew.beat(child_environment) for _ in range(2)]
    for beat in beats:
        beat.wait_until_ready()
    wait_until(lambda: Decision.objects.exists() and not _undecided(), "a close is decided")
    time.sleep(3)  # and again, and again, from both
    for beat in beats:
        assert beat.process.poll() is None
        beat.end()
        assert PeriodicTask.objects.get(name="often").total_run_count >= 2
        PeriodicTask.objects.filter(name="often").update(total_run_count=0)
    wait_until(lambda: is_at_rest(valkey), "the last tasks are done")

    runs = Run.objects.filter(version=crowd.first)
    sweep = PeriodicTask.objects.get(name="recovery-sweep")
    assert sweep.expire_seconds == 5  # a backlog of sweeps is of no use
    assert not twice(runs, "instrument_id", "candle_close_time")
    through = CandleCursor.objects.filter(timeframe="1m").values_list("decided_through", flat=True)
    closes = int((max(through) - followed_from) / MINUTE)
    assert runs.count() == 2 * closes  # looked at or missed, but each there
    assert not twice(Decision.objects.all(), "signal_id", "subscription_id")
    assert not twice(Fill.objects.all(), "order_id")
    assert not twice(Order.objects.all(), "decision_id", "leg")
    assert_sound(crowd)


@contextmanager
def _everybody(venue: str, *, wait: bool) -> Iterator[bool]:
    """Instead of one closer at a time: whoever comes."""
    yield True


def _close(crowd: Crowd, moment: datetime) -> int:
    try:
        return pipeline.close_candles(crowd.venue.code, moment)
    finally:
        connection.close()


def _send(task: str, queue: str, **arguments: str) -> None:
    current_app.send_task(f"apps.execution.tasks.{task}", kwargs=arguments, queue=queue)


def _undecided() -> bool:
    return Run.objects.filter(expected__gt=0, decided_at=None).exists()


def _follow_from(crowd: Crowd, moment: datetime) -> None:
    cursors.start_cursors(
        {(instrument.pk, Timeframe.M1): moment for instrument in crowd.instruments}
    )
