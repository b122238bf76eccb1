"""Telling what happened, in the transaction that made it true."""

import logging
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
    """Ask a worker to relay now. Should the message be lost, the sweep relays within seconds."""
    try:
        current_app.send_task("apps.events.tasks.relay", retry=False)
    except OperationalError as error:
        log.warning("the relay was not woken, the sweep will do it: %s", error)
