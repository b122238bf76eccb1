"""Instruments that move as they hardly ever do: stopped for everybody, and let go when they are
calm again. Measured by the platform at a timeframe of its own, so that it depends neither on who
follows which strategy nor on what somebody asks for; the gate refuses what it meets besides.
"""

from collections.abc import Collection
from datetime import datetime
from decimal import Decimal

from django.conf import settings
from django.utils import timezone

from apps.common import db
from apps.execution.models import Position
from apps.execution.services import halting
from apps.execution.services.closes import Close
from apps.execution.services.markets import volatilities
from apps.market import selectors as market
from apps.market.services import candles
from apps.risk import services as risk
from apps.risk.services import Found
from apps.strategies import selectors as strategies
from trading.candles import Timeframe, floor_time
from trading.gates.codes import GateCode
from trading.gates.risk_facts import NOT_PROVIDED
from trading.gates.triggers import OF_GATES, trigger
from trading.gates.values import text
from trading.gates.volatility import BLACK_SWAN
from trading.regime import TIMEFRAME

AT_ONCE = 50  # years of candles in memory


@db.durable
def watch(close: Close) -> int:
    """Measure what strategies look at, what somebody holds and what is stopped for its volatility,
    where a candle of the regime's timeframe has closed (of the venue's, where all of its own are
    longer). Trip what is above the limit; let go what is not and was stopped at least a day ago.
    What is not known does neither. How many switches have changed.
    """
    timeframe = max(TIMEFRAME, close.finest, key=lambda one: one.minutes)
    if floor_time(close.time, timeframe) != close.time:
        return 0
    calming = risk.calming(close.time).filter(instrument__venue=close.venue)
    stopped = set(calming.values_list("instrument_id", flat=True))
    since = timezone.now()
    percentiles = _measure(close, timeframe, stopped | _concerned(close.venue))
    said: Decimal = settings.AUTOMATIC["AUTOMATIC_BLACK_SWAN"]
    limit = min(said or BLACK_SWAN, BLACK_SWAN)
    calm = {pk for pk, percentile in percentiles.items() if percentile <= limit}
    changed = risk.clear_calm(calm & stopped, close.time, timezone.now())
    if not said:
        return changed
    rule = OF_GATES[GateCode.BLACK_SWAN]
    found = [
        Found(trigger(rule, text(percentile), text(limit)), pk)
        for pk, percentile in percentiles.items()
        if pk not in calm
    ]
    if not found:
        return changed
    return changed + halting.trip_found(found, clock=close.venue, at=close.time, since=since)


def _concerned(venue: str) -> set[int]:
    offered = strategies.instruments_of(strategies.active_versions(venue))
    held = Position.objects.filter(instrument__venue=venue).exclude(quantity=0)
    ids = {pk for of_version in offered.values() for pk in of_version}
    return ids | set(held.values_list("instrument_id", flat=True).distinct())


def _measure(
    close: Close, timeframe: Timeframe, instrument_ids: Collection[int]
) -> dict[int, Decimal]:
    """The percentiles that are known; of what has a candle that closes now."""
    closed = sorted(_closed(close, timeframe, instrument_ids))
    told = [
        item
        for start in range(0, len(closed), AT_ONCE)
        for item in volatilities(
            closed[start : start + AT_ONCE], timeframe, close.time, close.venue
        ).items()
    ]
    return {pk: value for pk, value in told if value is not None and value is not NOT_PROVIDED}


def _closed(close: Close, timeframe: Timeframe, instrument_ids: Collection[int]) -> set[int]:
    ids = sorted(instrument_ids)
    there = set(market.candles_closing_at(ids, timeframe, close.time))
    missing = [pk for pk in ids if pk not in there]
    if missing and _make(missing, close.finest, timeframe, close.time):
        there |= set(market.candles_closing_at(missing, timeframe, close.time))
    return there


def _make(ids: list[int], finest: Timeframe, timeframe: Timeframe, at: datetime) -> int:
    """Whoever brought the finest candles may have made no longer ones of them; how many were."""
    before = at - timeframe.duration
    return candles.record_coarser(ids, finest, {timeframe}, after=before, until=at)
