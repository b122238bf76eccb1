"""Reactions for tests: they keep what they were told, and fail when a test says so."""

from collections.abc import Callable, Sequence

from apps.events.models import Event
from apps.events.services.relay import Reaction

told: list[tuple[int | None, int, str]] = []
"""(user, sequence, kind), in the order in which it was told."""

first: list[Callable[[Sequence[Event]], None]] = []
"""What a test has happen before the events are heard; it may raise."""


def hear(events: Sequence[Event]) -> None:
    for step in first:
        step(events)
    told.extend((event.user_id, event.sequence or 0, event.kind) for event in events)


REACTIONS: dict[str, tuple[Reaction, ...]] = {
    "candles.closed": (hear,),
    "money.deposited": (hear,),
}
