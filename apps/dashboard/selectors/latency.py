"""How long it took from the close of a candle to our answer, and to the order's leaving."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from apps.execution.models import Order
from apps.risk.models import Decision
from trading.orders import Leg


class Since(Enum):
    """A simulated clock shows another time than the wall's: there it is told since the signal was
    written. So it is for what no candle has caused."""

    CANDLE_CLOSE = "candle_close"
    SIGNAL = "signal"


@dataclass(frozen=True, slots=True)
class Latency:
    """`submitted` is None while nothing has left, and where nothing ever will."""

    since: Since
    decided: timedelta
    submitted: timedelta | None


def latency(decision: Decision, orders: Iterable[Order]) -> Latency:
    """Of a receipt with its signal and the clock of its venue; on the wall clock."""
    since, began_at = _began(decision)
    left = [
        order.submitted_at
        for order in orders
        if order.submitted_at is not None and order.leg in {Leg.ENTRY, Leg.EXIT}
    ]
    return Latency(since, decision.created_at - began_at, min(left) - began_at if left else None)


def _began(decision: Decision) -> tuple[Since, datetime]:
    signal, clock = decision.signal, decision.instrument.venue.marketclock
    is_simulated = clock.seconds_per_candle is not None
    close = signal.candle_close_time
    if is_simulated or signal.run_id is None or close > decision.created_at:
        return Since.SIGNAL, signal.created_at
    return Since.CANDLE_CLOSE, close
