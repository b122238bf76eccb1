"""When a refusal clears: at a time where the clock decides, else by what has to happen."""

from datetime import UTC, datetime, timedelta
from enum import Enum

from trading.candles import end_of_day, start_of_week
from trading.gates.codes import GateCode
from trading.gates.severities import CLEARS
from trading.gates.values import MOMENT, Verdict


class Clock(Enum):
    DAY = "day"  # at the next 00:00 UTC
    WEEK = "week"  # at 00:00 UTC of the next Monday
    LIMIT = "limit"  # at the time that the verdict names as its limit


BY_CLOCK: dict[str, Clock] = {
    GateCode.DAILY_LOSS_LIMIT: Clock.DAY,
    GateCode.ACCOUNT_DAILY_LOSS: Clock.DAY,
    GateCode.DAILY_LOSS_MONEY: Clock.DAY,
    GateCode.DAILY_TRADES: Clock.DAY,
    GateCode.WEEKLY_LOSS: Clock.WEEK,
    GateCode.OUTSIDE_TRADING_WINDOW: Clock.LIMIT,
    GateCode.COOLDOWN_ACTIVE: Clock.LIMIT,
}


def resumes(verdict: Verdict) -> str:
    """`resumes at 00:00 UTC`; empty where no clock decides."""
    clock = BY_CLOCK.get(verdict.code)
    if clock is Clock.LIMIT:
        return f"resumes at {verdict.limit}" if verdict.limit else ""
    return "" if clock is None else CLEARS[GateCode(verdict.code)]


def clears(verdict: Verdict) -> str:
    """What the reader can wait for, or do; empty where nothing was refused."""
    return resumes(verdict) or (CLEARS[GateCode(verdict.code)] if verdict.code else "")


def clears_at(verdict: Verdict, decided_at: datetime) -> datetime | None:
    """None where no clock decides. Both are times of the venue's clock."""
    clock = BY_CLOCK.get(verdict.code)
    if clock is Clock.LIMIT:
        return _told(verdict.limit)
    if clock is None:
        return None
    if clock is Clock.WEEK:
        return start_of_week(decided_at) + timedelta(days=7)
    return end_of_day(decided_at)


def _told(limit: str) -> datetime | None:
    return datetime.strptime(limit, MOMENT).replace(tzinfo=UTC) if limit else None
