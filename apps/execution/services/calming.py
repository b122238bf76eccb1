"""Black swans that have passed."""

from decimal import Decimal

from django.conf import settings
from django.utils import timezone

from apps.common import db
from apps.execution.services.closes import Close
from apps.execution.services.markets import volatilities
from apps.risk import services as risk
from apps.strategies import selectors as strategies
from trading.gates.risk_facts import NOT_PROVIDED, Told
from trading.gates.volatility import BLACK_SWAN


@db.durable
def clear_black_swans(close: Close) -> int:
    """Let instruments go on that were stopped for their volatility at least a day ago and are calm:
    it is known in one at least of the timeframes that strategies use, and in none of them above the
    limit. Where a coarse one has too few candles to be known, the others say. Their number.
    """
    stopped = risk.calming(close.time).filter(instrument__venue=close.venue)
    ids = list(stopped.order_by("instrument_id").values_list("instrument_id", flat=True))
    if not ids:
        return 0
    told: dict[int, list[Told[Decimal]]] = {pk: [] for pk in ids}
    for timeframe in sorted(strategies.timeframes_in_use(close.venue), key=lambda one: one.minutes):
        for pk, value in volatilities(ids, timeframe, close.time, close.venue).items():
            told[pk].append(value)
    limit = settings.AUTOMATIC["AUTOMATIC_BLACK_SWAN"] or BLACK_SWAN
    calm = [pk for pk, values in told.items() if _is_calm(values, limit)]
    return risk.clear_calm(calm, close.time, timezone.now())


def _is_calm(values: list[Told[Decimal]], limit: Decimal) -> bool:
    known = [value for value in values if value is not None and value is not NOT_PROVIDED]
    return bool(known) and max(known) <= limit
