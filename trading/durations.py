"""How long something took, as people read it. Pure."""

from datetime import timedelta
from math import ceil

MINUTES_A_DAY = 24 * 60


def duration(length: timedelta) -> str:
    """`350 ms`, `4.2 s`, `12 min`, `3 h 5 min`, `2 d 4 h`: what matters of it, rounded up."""
    seconds = length.total_seconds()
    thousandths, tenths = ceil(seconds * 1000), ceil(seconds * 10)
    minutes, hours = ceil(seconds / 60), ceil(seconds / 3600)
    if thousandths < 1000:  # noqa: PLR2004 - a second
        return f"{thousandths}\u00a0ms"
    if tenths < 600:  # noqa: PLR2004 - a minute
        return f"{tenths / 10:.1f}\u00a0s"
    if minutes < 60:  # noqa: PLR2004 - an hour
        return f"{minutes}\u00a0min"
    if minutes < MINUTES_A_DAY:
        return f"{minutes // 60} h {minutes % 60} min"
    return f"{hours // 24} d {hours % 24} h"
