from contextlib import suppress
from datetime import datetime

from celery import shared_task
from django.utils import timezone

from apps.common.errors import Refused
from apps.execution import monitoring, pipeline, recovery
from apps.market import selectors as market
from apps.market.services import clock


@shared_task
def close_due_candles() -> int:
    """Every minute: each venue on the wall clock. Firing twice, or from two beats, changes
    nothing."""
    now = timezone.now()
    closed = 0
    for venue in market.wall_clock_venues():
        with suppress(Refused):  # another beat was a moment ahead of this one
            clock.advance(venue, now)
        closed += pipeline.close_candles(venue, now)
    return closed


@shared_task
def close_candles(venue: str, now: str) -> int:
    """One venue, by a moment that is given (ISO-8601)."""
    return pipeline.close_candles(venue, datetime.fromisoformat(now))


@shared_task
def sweep() -> dict[str, int]:
    """Every few seconds: finish what was left half done."""
    return recovery.sweep()._asdict()


@shared_task
def look_after_positions() -> dict[str, int]:
    """Every few seconds, whatever else goes on: what is held."""
    return monitoring.look_after_positions(timezone.now())._asdict()
