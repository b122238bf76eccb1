from contextlib import suppress
from datetime import datetime
from functools import partial

from celery import shared_task
from django.utils import timezone

from apps.common.apart import each_apart
from apps.common.errors import Refused
from apps.execution import monitoring, pipeline, recovery
from apps.market import selectors as market
from apps.market.services import clock


@shared_task
def close_due_candles() -> int:
    """Every minute: each venue on the wall clock, whatever becomes of the others. Firing twice, or
    from two beats, changes nothing."""
    now = timezone.now()
    venues = market.wall_clock_venues()
    return sum(each_apart(partial(_close_due, venue, now) for venue in venues))


def _close_due(venue: str, now: datetime) -> int:
    with suppress(Refused):  # another beat was a moment ahead of this one
        clock.advance(venue, now)
    return pipeline.close_candles(venue, now)


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
