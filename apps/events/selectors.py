from collections.abc import Sequence
from typing import Any

from django.db import connection

from apps.events.models import Event


def sealed_since(user: Any, after: int, most: int) -> list[Event] | None:
    """The user's events sealed after a sequence, in sequence. None where they are more than `most`,
    or where there is no event `after` for them to follow.
    """
    rows = Event.objects.of(user).filter(sequence__gte=after).order_by("sequence")
    events = list(rows[: most + 2])
    if after and (not events or events.pop(0).sequence != after):
        return None
    return events if len(events) <= most else None


def last_sequences(user_ids: Sequence[int]) -> dict[int, int]:
    """How far the chains have got; a user without events is absent. One index look-up a user."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT chain.user_id, last.sequence FROM unnest(%s::bigint[]) AS chain(user_id), "
            "LATERAL (SELECT sequence FROM events_event "
            "WHERE user_id = chain.user_id AND sequence IS NOT NULL "
            "ORDER BY sequence DESC LIMIT 1) AS last",
            [list(user_ids)],
        )
        return dict(cursor.fetchall())


def unsealed(user: Any) -> list[int]:
    """The ids of the user's events that have no place in the chain yet; their facts stand."""
    rows = Event.objects.of(user).filter(sequence=None).order_by("pk")
    return list(rows.values_list("pk", flat=True))
