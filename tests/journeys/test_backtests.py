"""Backtests by a real worker: told on the streams while they run, canceled, and taken up again when
the worker is killed outright."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import redis
from django.db import connection
from django.utils import timezone

from apps.events.models import Event
from apps.events.services.relay import relay
from apps.research.models import BacktestResult, BacktestRun
from apps.research.services import running, runs
from tests.fakes import MONDAY, World
from tests.journeys.conftest import Crew
from tests.journeys.processes import Worker, wait_until
from tests.research.asking import again, asked, lab_with, payload, taken
from tests.streams.web import Web, on_this_workers_servers, running_web

# The averages of 2 and 3 candles cross at every close: each is a close at which much happens.
ZIGZAG = ["100", "104"]
MINUTES = 20_000
THREADS = 4
# The compiled engine cannot give a part of a candle's volume, and would be done at once.
SLOWLY: dict[str, Any] = {"participation": 0.5}


@pytest.fixture
def web(transactional_db: None) -> Iterator[Web]:
    with running_web(on_this_workers_servers()) as process:
        yield process


@pytest.fixture
def lab(transactional_db: None) -> World:
    made = lab_with(ZIGZAG * (MINUTES // 2))
    relay()
    return made


@pytest.fixture
def worker(crew: Crew, child_environment: Mapping[str, str], valkey: redis.Redis) -> Worker:
    return crew.worker(child_environment, "research", "background").wait_until_ready()


def state_of(run: BacktestRun) -> str:
    return BacktestRun.objects.values_list("state", flat=True).get(pk=run.pk)


def is_midway(run: BacktestRun) -> bool:
    return BacktestRun.objects.filter(pk=run.pk, state="running", done__gt=0).exists()


def test_a_page_hears_how_far_it_has_got(web: Web, lab: World, worker: Worker) -> None:
    with web.socket(lab.alice) as socket:
        socket.next("snapshot")
        run = asked(lab, **SLOWLY)
        told: list[Any] = []
        while not told or told[-1]["kind"] != "backtest.finished":
            told.append(socket.next("event", seconds=60))

    kinds = [event["kind"] for event in told]
    assert kinds[:2] == ["backtest.queued", "backtest.started"]
    assert set(kinds[2:-1]) == {"backtest.progressed"}
    assert {event["data"]["run"] for event in told} == {run.pk}
    parts = [event["data"]["done"] for event in told[2:-1]]
    assert parts == sorted(parts)
    assert 0 < parts[0] < told[2]["data"]["total"] == MINUTES
    assert told[-1]["data"] == {"run": run.pk, "state": "done", "code": ""}
    assert again(run).done == again(run).total == MINUTES


def test_a_worker_that_is_told_to_stop_does_and_takes_the_next(lab: World, worker: Worker) -> None:
    run = asked(lab, **SLOWLY)
    wait_until(lambda: is_midway(run), "it is midway")
    assert runs.cancel(run, now=timezone.now())
    short = asked(lab, **SLOWLY, until=MONDAY + timedelta(minutes=500))

    wait_until(lambda: state_of(short) == "done", "the next is done", seconds=60)

    assert state_of(run) == "canceled"
    assert again(run).done < MINUTES
    assert BacktestResult.objects.count() == 1


def test_a_run_whose_worker_was_killed_is_finished_once_by_the_next(
    lab: World, worker: Worker, crew: Crew, child_environment: Mapping[str, str]
) -> None:
    run = asked(lab, **SLOWLY)
    wait_until(lambda: is_midway(run), "it is midway")
    worker.kill()
    next_worker = crew.worker(child_environment, "research").wait_until_ready()
    assert state_of(run) == "running"

    assert runs.resume_lost(now=timezone.now()) == 0  # it may still be alive
    assert runs.resume_lost(now=timezone.now() + runs.LEASE) == 1
    wait_until(lambda: state_of(run) == "done", "it is done", seconds=60)

    found = again(run)
    assert found.attempt == 2
    kinds = Event.objects.filter(payload__run=run.pk).order_by("id").values_list("kind", flat=True)
    once = [kind for kind in kinds if kind != "backtest.progressed"]
    assert once == ["backtest.queued", "backtest.started"] * 2 + ["backtest.finished"]
    next_worker.end()
    told = payload(found)
    BacktestRun.objects.all().delete()
    BacktestResult.objects.all().delete()
    undisturbed = taken(asked(lab, **SLOWLY))
    assert undisturbed.content_hash == found.content_hash
    assert payload(undisturbed) == told


def test_many_workers_take_it_once(lab: World, valkey: redis.Redis) -> None:
    run = asked(lab, **SLOWLY)

    def take() -> bool:
        try:
            return running._take(run.pk, timezone.now()) is not None
        finally:
            connection.close()

    with ThreadPoolExecutor(THREADS) as threads:
        taking = [threads.submit(take) for _ in range(4 * THREADS)]
        assert sum(each.result() for each in taking) == 1
    assert again(run).attempt == 1
