"""A rehearsal: the real trip with the real cancels, measured part by part and rolled back."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Unpack

from django.db import transaction

from apps.common import db
from apps.common.locks import transaction_lock
from apps.execution.services import cancelling, drains, exits
from apps.execution.services.drains import Progress
from apps.risk import services as risk
from apps.risk.models import KillSwitch
from apps.risk.scopes import Target
from apps.risk.selectors import trading_states
from apps.risk.services.switches import LOCK
from trading.gates.values import TradingState


@dataclass(slots=True)
class Drill:
    """What would be left after the first attempt, and how long each part of it took."""

    found: Progress
    seconds: dict[str, float] = field(default_factory=dict)


@db.durable
def rehearse(state: TradingState, now: datetime, **target: Unpack[Target]) -> Drill:
    """Nothing of it is kept, told or sent: each of its transactions is rolled back. Submissions
    wait for the trip alone, as they would for a real one; the accounts of what is cancelled, and
    then of what is closed, stay locked until that is undone.
    Raises Refused STATE_NOT_STRICTER where as much is tripped already.
    """
    seconds: dict[str, float] = {}
    switch = _trip(state, now, target, seconds)
    states = trading_states().stricter(switch)  # that nobody else sees
    with transaction.atomic():
        with _timed("cancelling entries", seconds):
            cancelling.cancel_halted_entries(states)
        with _timed("measuring what is left", seconds):
            found = drains.progress(switch)
        transaction.set_rollback(True)
    with transaction.atomic():
        with _timed("writing exits", seconds):
            exits.leave_by(states)
        transaction.set_rollback(True)
    return Drill(found, seconds)


def _trip(
    state: TradingState, now: datetime, target: Target, seconds: dict[str, float]
) -> KillSwitch:
    """The switch as it would be kept."""
    with transaction.atomic():
        with _timed("waiting for submissions under way", seconds):
            transaction_lock(LOCK)
        with _timed("tripping the switch", seconds):
            switch = risk.trip(
                by="drill",
                reason="drill",
                now=now,
                state=state,
                source=KillSwitch.Source.COMMAND,
                **target,
            )
        with _timed("finding what has to end", seconds):
            drains.note(switch)
        transaction.set_rollback(True)
    return switch


@contextmanager
def _timed(part: str, seconds: dict[str, float]) -> Iterator[None]:
    started = time.perf_counter()
    yield
    seconds[part] = time.perf_counter() - started
