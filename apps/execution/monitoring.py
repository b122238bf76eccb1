"""The exit monitor: it looks after what is held on a schedule of its own. It asks for no candle, no
strategy, no gate, no plan and no switch, so that nothing that keeps entries from being made, or
candles from being taken, keeps a position from being left.
"""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import NamedTuple

from apps.common import db
from apps.common.apart import each_apart
from apps.execution.services import exits, orders, software_stops, watching
from apps.market.models import MarketClock


class LookedAfter(NamedTuple):
    """How many stops of ours were reached, exits written for switches, repairs made, orders
    sent."""

    reached: int
    left: int
    repaired: int
    sent: int


@db.durable
def look_after_positions(now: datetime) -> LookedAfter:
    """`now` is the wall clock. Any number may do it at the same time. No step waits for another,
    and no venue: what fails is raised when all the rest is done.
    """
    steps: list[Callable[[], int]] = [
        software_stops.watch_all,
        exits.leave,
        partial(watching.keep_protected, now),
        _send,
    ]
    return LookedAfter(*each_apart(steps))


def _send() -> int:
    clocks = MarketClock.objects.order_by("venue_id")
    return sum(
        each_apart(partial(orders.submit_exits, clock.venue_id, clock.now) for clock in clocks)
    )
