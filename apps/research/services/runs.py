"""Backtests that people ask for: asked, canceled, and taken up again when their worker is gone."""

import logging
from datetime import datetime, timedelta
from functools import partial

from celery import current_app
from django.conf import settings
from django.db import transaction
from kombu.exceptions import OperationalError

from apps.accounts.models import User
from apps.common import db
from apps.common.errors import Refused
from apps.common.locks import transaction_lock
from apps.events import services as events
from apps.research.models import BacktestRun
from apps.research.services.requests import Plan, Request, plan

log = logging.getLogger(__name__)

State = BacktestRun.State
LEASE = timedelta(seconds=60)  # of a worker that says nothing
SENT_AGAIN_AFTER = timedelta(minutes=5)  # what waits; the first message may have been lost
MOST_ATTEMPTS = 3
LONGEST_MESSAGE = 500
GIVEN_UP = f"It was begun {MOST_ATTEMPTS} times, and each time its worker ended before it did."


def start(user: User, request: Request, *, now: datetime) -> BacktestRun:
    """A run that a worker will take. Asked twice, by one key or for the same while it is not
    finished, it is the one that there is.

    Raises Refused: those of `plan`, and TOO_MANY_BACKTESTS, KEY_USED.
    """
    return _start(user, request, plan(request, user, now), now)


@db.transaction
def _start(user: User, request: Request, planned: Plan, now: datetime) -> BacktestRun:
    transaction_lock(f"backtests of {user.pk}")
    known = _known(user, request.key, planned.asked)
    if known is not None:
        return known
    mine = BacktestRun.objects.of(user)
    if mine.filter(finished_at=None).count() >= settings.BACKTEST_UNFINISHED:
        raise Refused(
            "TOO_MANY_BACKTESTS",
            f"{settings.BACKTEST_UNFINISHED} of yours are not finished: wait, or cancel one.",
        )
    run = BacktestRun.objects.create(
        user=user,
        strategy_version=request.version,
        timeframe=planned.timeframe,
        finest=planned.finest,
        began_at=planned.began_at,
        until=planned.until,
        settings=planned.terms.as_json(),
        request_hash=planned.asked,
        request_key=request.key,
        heartbeat_at=now,
    )
    run.instruments.set(planned.instruments)
    _tell_queued(run, now)
    _send_on_commit(run)
    return run


@db.transaction
def cancel(run: BacktestRun, *, now: datetime) -> bool:
    """From now on it is canceled; a worker that is at it finds out at its next word. False = it was
    finished already.
    """
    changed = BacktestRun.objects.filter(pk=run.pk, finished_at=None).update(
        state=State.CANCELED, finished_at=now
    )
    if changed:
        tell_finished(run, State.CANCELED, now)
    return bool(changed)


@db.transaction
def resume_lost(*, now: datetime) -> int:
    """Queue again what a worker was at that has been silent for longer than the lease, and fail
    what was begun too often; send again what has waited for long. How many were queued again.
    """
    unfinished = BacktestRun.objects.select_for_update(skip_locked=True).order_by("id")
    waiting = unfinished.filter(state=State.QUEUED, heartbeat_at__lt=now - SENT_AGAIN_AFTER)
    lost = unfinished.filter(state=State.RUNNING, heartbeat_at__lt=now - LEASE)
    resumed = 0
    for run in [*waiting, *lost]:
        if run.state == State.RUNNING and run.attempt >= MOST_ATTEMPTS:
            fail(run, "WORKER_LOST", GIVEN_UP, now=now)
            continue
        BacktestRun.objects.filter(pk=run.pk).update(state=State.QUEUED, heartbeat_at=now)
        if run.state == State.RUNNING:
            resumed += 1
            _tell_queued(run, now)
        _send_on_commit(run)
    return resumed


@db.transaction
def fail(run: BacktestRun, code: str, message: str, *, now: datetime) -> bool:
    """False = it was finished already, or another worker has it."""
    changed = BacktestRun.objects.filter(
        pk=run.pk, attempt=run.attempt, state=State.RUNNING
    ).update(state=State.FAILED, code=code, message=message[:LONGEST_MESSAGE], finished_at=now)
    if changed:
        tell_finished(run, State.FAILED, now, code)
    return bool(changed)


@db.transaction_required
def tell_finished(run: BacktestRun, state: str, now: datetime, code: str = "") -> None:
    events.record(
        "backtest.finished", user_id=run.user_id, happened_at=now, run=run.pk, state=state,
        code=code,
    )  # fmt: skip


def _known(user: User, key: str, asked: str) -> BacktestRun | None:
    mine = BacktestRun.objects.of(user)
    keyed = mine.filter(request_key=key).first() if key else None
    if keyed is not None and keyed.request_hash != asked:
        raise Refused("KEY_USED", f"Something else was asked for by the key '{key}'.")
    return keyed or mine.filter(request_hash=asked, finished_at=None).first()


def _tell_queued(run: BacktestRun, now: datetime) -> None:
    events.record("backtest.queued", user_id=run.user_id, happened_at=now, run=run.pk)


def _send_on_commit(run: BacktestRun) -> None:
    """Should the message be lost, `resume_lost` sends another."""
    transaction.on_commit(partial(_send, run.pk))


def _send(pk: int) -> None:
    try:
        current_app.send_task("apps.research.tasks.run_backtest", kwargs={"pk": pk}, retry=False)
    except OperationalError as error:
        log.warning("backtest %d was not sent, the schedule will do it: %s", pk, error)
