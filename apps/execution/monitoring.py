"""The exit monitor: it looks after what is held on a schedule of its own. It asks for no candle, no
strategy, no gate, no plan and no switch, so that nothing that keeps entries from being made, or
candles from being taken, keeps a position from being left.
"""

from datetime import datetime
from typing import NamedTuple

from apps.common import db
from apps.execution.services import exits, orders, software_stops, watching
from apps.market.models import MarketClock
from trading.candles import Timeframe


class LookedAfter(NamedTuple):
    """How many stops of ours were reached, exits written for switches, repairs made, orders
    sent."""

    reached: int
    left: int
    repaired: int
    sent: int


@db.durable
def look_after_positions(now: datetime) -> LookedAfter:
    """`now` is the wall clock. Any number may do it at the same time."""
    reached = software_stops.watch_all()
    left = exits.leave()
    repaired = watching.keep_protected(now)
    sent = sum(
        orders.submit_pending(
            clock.venue_id, clock.now, fresh_for=Timeframe(clock.timeframe).duration
        )
        for clock in MarketClock.objects.order_by("venue_id")
    )
    return LookedAfter(reached, left, repaired, sent)
