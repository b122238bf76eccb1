"""A switch is tripped while orders are on their way out. The order of the locks judges the race."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime

import pytest
from celery import current_app
from django.db import connection, transaction

from apps.events.models import Event
from apps.execution import recovery
from apps.execution.models import Balance, Exit, Order, OrderEvent, Position
from apps.execution.services import exits, fan_out, halting, orders
from apps.market.models import MarketClock
from apps.risk import services as risk
from apps.strategies import services as strategies
from tests.fakes import MINUTE, MONDAY
from tests.journeys.crowd import Crowd, gather
from tests.journeys.outcome import (
    assert_lives_are_legal,
    assert_sound,
    everything_was_told,
    is_taken,
)
from tests.journeys.processes import Worker, wait_until
from trading.candles import Timeframe
from trading.gates.values import TradingState

PEOPLE = 40
SEED = 20_260_601
QUIET = ("100",) * 4


@pytest.mark.django_db(transaction=True)
def test_no_entry_is_submitted_after_the_trip_by_whoever_is_submitting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Many small transactions of submission, and the trip somewhere between them."""
    monkeypatch.setattr(orders, "CHUNK", 3)
    chance = random.Random(SEED)
    crowd = gather(PEOPLE)
    moment = crowd.play(*QUIET, first=MONDAY)
    moment, ready = _entries_pending(crowd, moment)
    usual = _seconds(lambda: _submit(crowd, moment))
    assert Order.objects.filter(status="accepted").count() == ready > 10
    _halt()
    _assert_halted()
    _reset()

    # Before the first, after the last, and wherever chance has it.
    for delay in (-0.05, 2 * usual, *(chance.uniform(0, usual) for _ in range(6))):
        moment, _ = _entries_pending(crowd, moment)
        submitting = _thread(lambda at=moment: _submit(crowd, at), after=max(-delay, 0))  # type: ignore[misc]
        time.sleep(max(delay, 0))
        _halt()
        submitting.join()
        _assert_halted()
        _reset()

    refused_before = OrderEvent.objects.filter(old_status="pending", reason="TRADING_HALTED")
    taken_back = OrderEvent.objects.filter(old_status="accepted", reason="TRADING_HALTED")
    assert refused_before.count() >= ready
    assert taken_back.count() >= 2 * ready
    assert not Position.objects.exists()
    assert_sound(crowd)


@pytest.mark.django_db(transaction=True)
def test_a_submission_that_meets_a_trip_waits_for_it_and_then_refuses() -> None:
    crowd = gather(20)
    moment, ready = _entries_pending(crowd, crowd.play(*QUIET, first=MONDAY))
    is_tripping = threading.Event()

    def trip_slowly() -> None:
        with transaction.atomic():
            risk.trip(by="shell:test", reason="drill", now=MONDAY)
            is_tripping.set()
            time.sleep(0.3)

    tripping = _thread(trip_slowly, after=0)
    is_tripping.wait()
    _submit(crowd, moment)
    tripping.join()

    assert Order.objects.filter(status="canceled", reason="TRADING_HALTED").count() == ready
    _assert_halted()


def test_no_entry_is_submitted_after_the_trip_by_workers_that_fan_out(
    two_workers: list[Worker],
) -> None:
    chance = random.Random(SEED)
    crowd = gather(PEOPLE)
    moment = crowd.play(*QUIET, first=MONDAY)
    usual = _seconds(lambda: crowd.play("104", first=moment))
    moment += MINUTE
    _halt()
    _assert_halted()
    _reset()

    for _ in range(4):
        moment = crowd.play("100", "100", "100", first=moment)
        moment = crowd.write(["104"], moment)
        MarketClock.objects.filter(venue=crowd.venue).update(now=moment)
        for worker in two_workers:
            _send(worker, "close_candles", venue=crowd.venue.code, now=moment.isoformat())
            _send(worker, "sweep")
        time.sleep(chance.uniform(0, 1.5 * usual))
        _halt()
        wait_until(lambda at=moment: is_taken(crowd, at), "the close is taken")  # type: ignore[misc]
        _assert_halted()
        _reset()

    assert not Position.objects.exists()
    wait_until(everything_was_told, "every event is told")
    assert_sound(crowd)


@pytest.mark.django_db(transaction=True)
def test_what_a_killed_trip_left_working_is_cancelled_by_the_sweep() -> None:
    crowd = gather(20)
    crowd.play(*QUIET, "104", first=MONDAY)
    working = Order.objects.filter(leg="entry", status="accepted").count()
    risk.trip(by="shell:test", reason="drill", now=MONDAY)  # and then its process dies

    assert recovery.sweep().cancelled == working > 0

    _assert_halted()
    assert_sound(crowd)


@pytest.mark.django_db(transaction=True)
def test_many_who_flatten_at_once_write_one_exit_a_position() -> None:
    crowd = gather(20)
    after = crowd.play(*QUIET, "104", "104", first=MONDAY)
    held = Position.objects.exclude(quantity=0).count()
    risk.trip(by="shell:test", reason="drill", now=MONDAY, state=TradingState.LIQUIDATING)
    written: list[int] = []

    flattening = [_thread(lambda: written.append(exits.leave()), after=0) for _ in range(4)]
    for thread in flattening:
        thread.join()

    assert sum(written) == Exit.objects.count() == held > 10
    crowd.play("104", "104", first=after)
    assert not Position.objects.exclude(quantity=0).exists()
    assert_sound(crowd)


def _entries_pending(crowd: Crowd, moment: datetime) -> tuple[datetime, int]:
    """A cross upwards, decided and not yet submitted: the moment, and the number of entries."""
    moment = crowd.play("100", "100", "100", first=moment)
    moment = crowd.write(["104"], moment)
    ids = [instrument.pk for instrument in crowd.instruments]
    strategies.look_and_record(crowd.venue.code, Timeframe.M1, moment, ids, still_holding={})
    for version in (crowd.first, crowd.second):
        fan_out.fan_out(version.pk, moment)
    return moment, Order.objects.filter(status="pending").count()


def _submit(crowd: Crowd, moment: datetime) -> None:
    orders.submit_pending(crowd.venue.code, moment)


def _halt() -> None:
    halting.trip(by="shell:test", reason="drill", now=MONDAY, state=TradingState.HALTED)


def _reset() -> None:
    risk.reset(by="shell:test", reason="over", now=MONDAY)


def _assert_halted() -> None:
    """By the database's own clock, read under the locks: nothing was submitted after the trip."""
    tripped_at = Event.objects.filter(kind="kill_switch.tripped").latest("id").recorded_at
    submitted = OrderEvent.objects.filter(new_status="submitted", order__leg="entry")
    late = submitted.filter(recorded_at__gt=tripped_at)
    assert not late.exists(), Counter(late.values_list("order__status", flat=True))
    left = Order.objects.filter(leg="entry").exclude(status__in=["canceled", "expired"])
    assert not left.exists(), Counter(left.values_list("status", flat=True))
    assert not Balance.objects.exclude(reserved=0).exists()
    assert_lives_are_legal()


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _thread(work: Callable[[], None], *, after: float) -> threading.Thread:
    """Works on a connection of its own, which it closes."""

    def run() -> None:
        time.sleep(after)
        try:
            work()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def _send(worker: Worker, task: str, **arguments: str) -> None:
    current_app.send_task(f"apps.execution.tasks.{task}", kwargs=arguments, queue=worker.queue)
