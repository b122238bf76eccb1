"""What a client of the streams has not been told yet."""

from apps.accounts.models import User
from apps.dashboard import frames
from apps.dashboard.topics import POSITIONS, Topic
from apps.events.selectors import sealed_since
from apps.risk import selectors as risk

MOST_REPLAYED = 1_000
NOTHING = -1

News = list[tuple[int | None, str]]
"""Frames in the order in which they are sent, with the sequence of those that have one."""


def news_since(user: User, after: int, topic: Topic = POSITIONS) -> News:
    """The events that were sealed after a sequence, and the platform's trading state, which is in
    nobody's chain. A snapshot instead where the client knows NOTHING, where the events are too
    many, or where the chain has no event `after` (a database that started afresh).
    """
    events = sealed_since(user, after, MOST_REPLAYED) if after > NOTHING else None
    if events is None:
        return [topic.beginning(user)]
    told: News = [(event.sequence, frames.event_frame(event)) for event in events]
    return [*told, (None, frames.platform_frame(risk.trading_states().platform))]
