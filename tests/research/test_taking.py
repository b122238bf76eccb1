"""A run is taken by one worker at a time, and finished by one, whoever dies or comes late."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.db import connection
from django.utils import timezone

from apps.events.models import Event
from apps.market.models import Candle
from apps.research.models import BacktestResult, BacktestRun
from apps.research.services import running, runs
from tests.fakes import World
from tests.research.asking import PRICES, again, asked, lab_with, payload, taken
from trading.compiled import backtest_fastest
from trading.signals import SignalNotUsable

pytestmark = pytest.mark.django_db

SILENT = runs.LEASE + timedelta(seconds=1)


@pytest.fixture
def lab() -> World:
    return lab_with(PRICES)


def meanwhile(act: Callable[[], object]) -> Any:
    """The engine, but something happens elsewhere, once, before it says how far it has got."""
    pending = [act]

    def disturbed(*arguments: Any, progress: Any, **named: Any) -> Any:
        def told(done: int, total: int) -> None:
            if pending:
                pending.pop()()
            progress(done, total)

        return backtest_fastest(*arguments, progress=told, **named)

    return patch.multiple(running, backtest_fastest=disturbed, SECONDS_BETWEEN_WORDS=0)


def finished_events(run: BacktestRun) -> list[Any]:
    told = Event.objects.filter(kind="backtest.finished", payload__run=run.pk)
    return list(told.values_list("payload__state", flat=True))


def test_what_waits_is_canceled_and_never_taken(lab: World) -> None:
    run = asked(lab)
    assert runs.cancel(run, now=timezone.now())
    assert not runs.cancel(run, now=timezone.now())

    assert taken(run).state == "canceled"
    assert finished_events(run) == ["canceled"]
    assert not BacktestResult.objects.exists()


def test_what_is_canceled_midway_stops_there(lab: World) -> None:
    run = asked(lab)
    with meanwhile(lambda: runs.cancel(run, now=timezone.now())):
        assert not running.run(run.pk, clock=timezone.now)

    assert again(run).state == "canceled"
    assert finished_events(run) == ["canceled"]
    assert not BacktestResult.objects.exists()


def test_what_is_done_cannot_be_canceled(lab: World) -> None:
    run = taken(asked(lab))
    assert not runs.cancel(run, now=timezone.now())
    assert again(run).state == "done"


def test_what_is_taken_is_not_taken_again_while_its_worker_speaks(lab: World) -> None:
    run = asked(lab)

    def another() -> None:
        assert runs.resume_lost(now=timezone.now() + runs.LEASE / 2) == 0
        assert not running.run(run.pk, clock=timezone.now)

    with meanwhile(another):
        assert running.run(run.pk, clock=timezone.now)
    assert again(run).attempt == 1


def test_a_silent_worker_loses_it_and_writes_no_more(lab: World) -> None:
    """It was only slow: when it speaks again, another has come and finished."""
    run = asked(lab)

    def another() -> None:
        assert runs.resume_lost(now=timezone.now() + SILENT) == 1
        assert taken(run).state == "done"

    with meanwhile(another):
        assert not running.run(run.pk, clock=timezone.now)

    assert (again(run).state, again(run).attempt) == ("done", 2)
    assert finished_events(run) == ["done"]
    assert BacktestResult.objects.count() == 1


def test_one_that_was_lost_comes_to_the_same_as_one_that_was_not(lab: World) -> None:
    lost = asked(lab)
    running._take(lost.pk, timezone.now())  # and its worker dies here
    runs.resume_lost(now=timezone.now() + SILENT)
    resumed = taken(lost)
    told, made_of = payload(resumed), resumed.content_hash
    BacktestRun.objects.all().delete()
    BacktestResult.objects.all().delete()

    whole = taken(asked(lab))

    assert not whole.is_from_cache
    assert (payload(whole), whole.content_hash) == (told, made_of)


def test_what_kills_every_worker_fails_in_the_end(lab: World) -> None:
    run = asked(lab)
    for _ in range(runs.MOST_ATTEMPTS):
        assert running._take(run.pk, timezone.now()) is not None
        runs.resume_lost(now=timezone.now() + SILENT)

    assert (again(run).state, again(run).code) == ("failed", "WORKER_LOST")
    assert finished_events(run) == ["failed"]
    assert running._take(run.pk, timezone.now()) is None


def test_a_message_that_was_lost_is_sent_again_after_a_while(
    lab: World, django_capture_on_commit_callbacks: Any
) -> None:
    run = asked(lab)
    with django_capture_on_commit_callbacks() as sent:
        runs.resume_lost(now=run.heartbeat_at + runs.SENT_AGAIN_AFTER / 2)
        assert not sent
        runs.resume_lost(now=run.heartbeat_at + runs.SENT_AGAIN_AFTER + timedelta(seconds=1))
    assert len(sent) == 1
    assert again(run).state == "queued"


def test_what_cannot_be_computed_any_more_fails_with_a_code(lab: World) -> None:
    run = asked(lab)
    Candle.objects.all().delete()
    assert (taken(run).state, again(run).code) == ("failed", "NO_CANDLES")


def test_a_strategy_that_speaks_nonsense_fails_its_backtest(lab: World) -> None:
    run = asked(lab)
    with patch.object(
        running, "backtest_fastest", side_effect=SignalNotUsable("The stop is at NaN.")
    ):
        failed = taken(run)
    assert (failed.state, failed.code) == ("failed", "SIGNAL_NOT_USABLE")
    assert failed.message == "The stop is at NaN."


def test_a_mistake_of_a_strategy_fails_its_backtest_at_once(lab: World) -> None:
    run = asked(lab)
    with patch.object(running, "backtest_fastest", side_effect=ZeroDivisionError("by zero")):
        failed = taken(run)
    assert (failed.state, failed.code, failed.attempt) == ("failed", "STRATEGY_FAILED", 1)
    assert failed.message == "ZeroDivisionError: by zero"


def test_what_takes_too_long_is_ended(lab: World, settings: Any) -> None:
    settings.BACKTEST_TIME_LIMIT = timedelta(seconds=-1)
    assert (taken(asked(lab)).state, again(BacktestRun.objects.get()).code) == (
        "failed", "TOO_LONG",
    )  # fmt: skip


def test_progress_is_kept_and_told_now_and_then(lab: World) -> None:
    run = asked(lab)
    with patch.multiple(running, SECONDS_BETWEEN_WORDS=0, SECONDS_BETWEEN_EVENTS=0):
        running.run(run.pk, clock=timezone.now)

    told = Event.objects.filter(kind="backtest.progressed").order_by("id")
    assert {event.payload["run"] for event in told} == {run.pk}
    last = told.last()
    assert last is not None
    assert last.payload == {"run": run.pk, "done": len(PRICES), "total": len(PRICES)}


@pytest.mark.parametrize("parts", [1_000, 10])
def test_progress_is_told_twenty_times_at_most(lab: World, parts: int) -> None:
    run = running._take(asked(lab).pk, timezone.now())
    assert run is not None
    word = running._Word(run, timezone.now, deadline=float("inf"))
    with patch.multiple(running, SECONDS_BETWEEN_WORDS=0, SECONDS_BETWEEN_EVENTS=0):
        for done in range(parts + 1):
            word.progressed(done, parts)

    told = Event.objects.filter(kind="backtest.progressed")
    assert told.count() == min(parts, running.EVENTS_A_RUN)
    assert again(run).done == parts


@pytest.mark.django_db(transaction=True)
def test_nothing_is_computed_with_a_transaction_open(lab: World) -> None:
    is_open: list[bool] = []
    with meanwhile(lambda: is_open.append(connection.in_atomic_block)):
        assert taken(asked(lab)).state == "done"
    assert is_open == [False]
