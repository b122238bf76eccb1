"""The hours in which somebody lets entries be made for them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Self

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
WEEK = range(7)


@dataclass(frozen=True, slots=True)
class Window:
    """UTC. `days` (0 = Monday) are those on which it opens; one that closes at or before the time
    at which it opens closes on the next day. At `opens` it is open, at `closes` no more.
    """

    days: frozenset[int]
    opens: time
    closes: time

    @classmethod
    def of(cls, days: Iterable[int], opens: time, closes: time) -> Self:
        """Raises ValueError where it would never open, or a day is none."""
        chosen = frozenset(days)
        if not chosen or not chosen <= set(WEEK):
            raise ValueError(f"days must be some of 0 (Monday) to 6, not {sorted(chosen)}")
        return cls(chosen, opens, closes)

    def is_open(self, now: datetime) -> bool:
        """`now` is in UTC."""
        today = self._on(now)
        yesterday = self._on(now - timedelta(days=1))
        return any(each is not None and each[0] <= now < each[1] for each in (today, yesterday))

    def opens_at(self, now: datetime) -> datetime:
        """When it opens next, later than now."""
        for ahead in range(len(WEEK) + 1):
            span = self._on(now + timedelta(days=ahead))
            if span is not None and span[0] > now:
                return span[0]
        raise AssertionError("a window opens at least once a week")

    def _on(self, moment: datetime) -> tuple[datetime, datetime] | None:
        """From when to when it is open, where it opens on the day of this moment."""
        if moment.weekday() not in self.days:
            return None
        begins = datetime.combine(moment.date(), self.opens, UTC)
        ends = datetime.combine(moment.date(), self.closes, UTC)
        return begins, ends if ends > begins else ends + timedelta(days=1)
