"""Step 0: candles that came when later ones had been taken. No strategy looks at them any more, and
no entry fills; but what protects a position stood there all the time, and meets them as if they
had come in their turn."""

from collections.abc import Mapping
from functools import partial

from apps.common import db
from apps.common.apart import each_apart
from apps.execution.services import paper, software_stops
from apps.execution.services.closes import Close
from apps.market import selectors as market
from apps.market.services.candles import mark_met
from apps.market.services.quality import ASKED_FOR
from trading.candles import Candle


@db.durable
def meet(close: Close) -> None:
    """Before the candles that have closed now. A second time the same candle changes nothing: what
    it has changed is active from a later one on."""
    unmet = market.unmet_late_candles(
        close.venue, close.finest, since=close.time - ASKED_FOR, until=close.open_time
    )
    each_apart(partial(_meet, close, candles) for candles in unmet)


def _meet(close: Close, candles: Mapping[int, Candle]) -> None:
    paper.match_late(close, candles)
    software_stops.watch_late(candles, close.time)
    mark_met(close.finest, candles)
