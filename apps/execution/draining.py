"""Draining by whoever asks for it, without a worker and without Valkey: what a worker's sweep would
do for the switch, done here."""

import logging
import time
from collections.abc import Callable, Iterator
from functools import partial

from django.utils import timezone

from apps.common.apart import Failures, each_apart
from apps.execution import pipeline
from apps.execution.recovery import UNANSWERED_AFTER
from apps.execution.services import halting, orders
from apps.execution.services.drains import Progress
from apps.market.models import MarketClock
from apps.risk.models import KillSwitch

logger = logging.getLogger(__name__)
LOOK_EVERY = 0.5  # seconds


def watch(switch: KillSwitch, seconds: float, failures: Failures) -> Iterator[Progress]:
    """Drain until it is done, somebody has reset it, or the time is over; how it stands after each
    attempt, at least one. What fails beside it, as another venue's candles, ends nothing: it is
    logged, and the last of it kept in `failures`."""
    ends = time.monotonic() + seconds
    found = halting.drain(switch, timezone.now())
    yield found
    while not found.is_done and time.monotonic() < ends:
        before = failures.last
        with failures:
            _push()
        if failures.last is not before:
            logger.error("a step of the drain has failed", exc_info=failures.last)
        found = halting.drain(switch, timezone.now())
        if switch.reset_at is not None:
            return
        yield found
        if not found.is_done:
            time.sleep(min(LOOK_EVERY, max(0.0, ends - time.monotonic())))


def _push() -> None:
    """Send what waits (exits leave, entries are refused), ask what became of what was sent, and
    take the candles that have closed: on these a paper venue fills."""
    steps: list[Callable[[], int]] = []
    for clock in MarketClock.objects.order_by("venue_id"):
        steps.append(partial(orders.submit_pending, clock.venue_id, clock.now))
        steps.append(partial(pipeline.close_candles, clock.venue_id, clock.now))
    steps.append(partial(orders.ask_about_unanswered, UNANSWERED_AFTER))
    each_apart(steps)
