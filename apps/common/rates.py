"""How often somebody may ask. Counted in Valkey, one atomic increment a question."""

import logging
from time import time
from typing import NamedTuple

import redis
from django.core.cache import cache

log = logging.getLogger(__name__)

MINUTE_SECONDS = 60
# Where a request carries the common rate that it is above of, if it is answered all the same.
SPENT = "nija.spent_rate"


class Rate(NamedTuple):
    """What is left of the minute. `reset` is when the next one begins, in epoch seconds."""

    limit: int
    remaining: int
    reset: int
    is_over: bool

    @property
    def headers(self) -> dict[str, str]:
        return {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(self.remaining),
            "X-RateLimit-Reset": str(self.reset),
        }

    @property
    def retry_after(self) -> str:
        """Whole seconds, rounded up: never too early."""
        return str(max(1, self.reset - int(time())))


def count(who: str, limit: int) -> Rate | None:
    """Count one question of this minute. None = Valkey is away, and nobody knows."""
    minute = int(time()) // MINUTE_SECONDS
    reset = (minute + 1) * MINUTE_SECONDS
    key = f"rate:{who}:{minute}"
    try:
        asked = _incremented(key)
    except redis.RedisError as error:
        log.warning("the rate limits wait for Valkey: %s", error)
        return None
    return Rate(limit, max(0, limit - asked), reset, is_over=asked > limit)


def _incremented(key: str) -> int:
    """Most questions find their key there already: one way to Valkey less."""
    try:
        return cache.incr(key)
    except ValueError:
        cache.add(key, 0, 2 * MINUTE_SECONDS)
        return cache.incr(key)
