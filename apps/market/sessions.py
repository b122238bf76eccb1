"""When an instrument's market is open, by the calendar that it names.

Exchanges are named as `exchange_calendars` names them, by their MIC (`XNYS`, `XLON`), holidays and
half days included. A session is open from its bell, inclusive, to its closing bell, exclusive;
lunch breaks count as open. What lies beyond the calendar's years is not known.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import numpy as np
from django.core.exceptions import ValidationError

from trading.candles import end_of_day
from trading.instruments import AssetClass

ALWAYS = "24/7"
# What a new instrument starts with; staff may name another exchange.
USUAL = {AssetClass.EQUITY: "XNYS", AssetClass.FOREX: "24/5"}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def is_open(calendar: str, moment: datetime) -> bool | None:
    """None where the calendar, or what it says of this moment, is not known."""
    if calendar == ALWAYS:
        return True
    bells = _bells(calendar, moment)
    return None if bells is None else bells[0] <= moment


def session_end(calendar: str, moment: datetime) -> datetime | None:
    """When the session that holds this moment ends; outside of one, the next one's end. A market
    that never closes ends its day at midnight UTC. None = not known.
    """
    if calendar == ALWAYS:
        return end_of_day(moment)
    bells = _bells(calendar, moment)
    return None if bells is None else bells[1]


def opens_at(calendar: str, moment: datetime) -> datetime | None:
    """When the next session begins. None = one is on, or it is not known."""
    bells = None if calendar == ALWAYS else _bells(calendar, moment)
    return None if bells is None or bells[0] <= moment else bells[0]


def expected(calendar: str, closes: Iterable[datetime], length: timedelta) -> list[datetime]:
    """Of these closes of candles, those whose candle lies at least partly in a session. Where the
    calendar does not know, a candle is expected: rather a hole that is none than one not seen.
    """
    found = list(closes)
    if calendar == ALWAYS:
        return found
    return [close for close in found if _is_expected(calendar, close - length, close)]


def validate_calendar(calendar: str) -> None:
    """For a model's field. Raises ValidationError."""
    if calendar != ALWAYS and _calendar(calendar) is None:
        raise ValidationError(
            f"No exchange calendar is named '{calendar}': use 24/7, or a MIC such as XNYS.",
            code="UNKNOWN_CALENDAR",
        )


def _is_expected(calendar: str, opened: datetime, close: datetime) -> bool:
    bells = _bells(calendar, opened)
    return bells is None or bells[0] < close


def _bells(calendar: str, moment: datetime) -> tuple[datetime, datetime] | None:
    """The first session that ends after the moment."""
    sessions = _calendar(calendar)
    if sessions is None:
        return None
    opens, closes = sessions.opens_nanos, sessions.closes_nanos
    nanos = (moment - _EPOCH) // timedelta(microseconds=1) * 1_000
    index = int(np.searchsorted(closes, nanos, side="right"))
    if index == len(closes) or nanos < opens[0]:
        return None
    return _moment(opens[index]), _moment(closes[index])


@cache
def _calendar(name: str) -> Any:
    """None where there is no such calendar."""
    # Seconds of imports, which a platform without equities never pays.
    import exchange_calendars  # noqa: PLC0415
    from exchange_calendars.errors import InvalidCalendarName  # noqa: PLC0415

    try:
        return exchange_calendars.get_calendar(name)
    except InvalidCalendarName:
        return None


def _moment(nanos: int) -> datetime:
    return _EPOCH + timedelta(microseconds=int(nanos) // 1_000)
