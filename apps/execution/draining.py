"""Draining by whoever asks for it, without a worker and without Valkey: what a worker's sweep would
do for the switch, done here."""

import time
from collections import Counter
from collections.abc import Callable
from functools import partial

from django.utils import timezone

from apps.common.apart import each_apart
from apps.execution import pipeline
from apps.execution.recovery import UNANSWERED_AFTER
from apps.execution.services import halting, orders
from apps.execution.services.drains import Progress
from apps.market.models import MarketClock
from apps.risk.models import KillSwitch

LOOK_EVERY = 0.5  # seconds
MOST_FAILURES = 3
Step = Callable[[], int]


def watch(switch: KillSwitch, seconds: float, tell: Callable[[Progress], None]) -> None:
    """Drain until it is done, somebody has reset it, or the time is over; `tell` is how it stands
    after each attempt, at least one. What fails beside it, as another venue's candles, ends nothing
    and is raised when all is over; after MOST_FAILURES in a row it is not tried any more.
    """
    ends = time.monotonic() + seconds
    failures: Counter[str] = Counter()

    def look() -> bool:
        found = halting.drain(switch, timezone.now())
        if switch.reset_at is not None:
            return False
        tell(found)
        return not found.is_done and time.monotonic() < ends

    goes_on = look()

    def one_round() -> None:
        nonlocal goes_on
        if not goes_on:
            return
        try:
            _push(failures)
        finally:
            goes_on = look()
            if goes_on:
                time.sleep(min(LOOK_EVERY, max(0.0, ends - time.monotonic())))

    each_apart(one_round for _ in range(int(seconds / LOOK_EVERY) + 1))


def _push(failures: Counter[str]) -> None:
    """Send what waits (exits leave, entries are refused), ask what became of what was sent, and
    take the candles that have closed: on these a paper venue fills."""
    steps: dict[str, Step] = {}
    for clock in MarketClock.objects.order_by("venue_id"):
        venue, now = clock.venue_id, clock.now
        steps[f"send {venue}"] = partial(orders.submit_pending, venue, now)
        steps[f"close {venue}"] = partial(pipeline.close_candles, venue, now)
    steps["ask"] = partial(orders.ask_about_unanswered, UNANSWERED_AFTER)
    each_apart(
        partial(_counted, failures, name, step)
        for name, step in steps.items()
        if failures[name] < MOST_FAILURES
    )


def _counted(failures: Counter[str], name: str, step: Step) -> None:
    failures[name] += 1  # until it is seen to have come through
    step()
    del failures[name]
