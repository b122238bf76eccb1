"""Telling what happened, in the transaction that made it true."""

import logging
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

import orjson
from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

from apps.common import bulk, db
from apps.events.models import Event

log = logging.getLogger(__name__)

# After a wake-up that failed none is tried for a while: one of many commits waits for a Valkey that
# hangs, not each of them.
SILENT_SECONDS = 10.0
_silent_until: dict[str, float] = {}  # by broker


class Fact(NamedTuple):
    """`user_id` None = the platform's own chain. The payload holds ids, codes and numbers only."""

    kind: str
    user_id: int | None
    happened_at: datetime
    payload: Mapping[str, object]


@db.transaction_required
def record(kind: str, *, user_id: int | None, happened_at: datetime, **payload: object) -> None:
    """Write one event. It reaches people once the transaction has committed."""
    record_many([Fact(kind, user_id, happened_at, payload)])


@db.transaction_required
def record_many(facts: Sequence[Fact]) -> None:
    """Write many events at once, in their order."""
    if not facts:
        return
    bulk.copy_rows(
        Event,
        ("kind", "user_id", "happened_at", "payload"),
        (
            (fact.kind, fact.user_id, fact.happened_at, orjson.dumps(fact.payload).decode())
            for fact in facts
        ),
    )
    transaction.on_commit(wake_relay)


def wake_relay() -> None:
    """Ask a worker to relay now. Should the message be lost, the schedule relays within seconds."""
    broker = str(current_app.conf.broker_url)
    if time.monotonic() < _silent_until.get(broker, 0):
        return
    try:
        current_app.send_task("apps.events.tasks.relay", retry=False)
    except OperationalError as error:
        _silent_until[broker] = time.monotonic() + SILENT_SECONDS
        log.warning("the relay was not woken, the schedule will do it: %s", error)
