"""In which order entries leave that wait to be sent."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import QuerySet

from apps.execution.models import Order
from apps.subscriptions.selectors import priorities_of
from trading.tiers import Priority

AGED_AFTER = timedelta(seconds=5)  # how long one of normal priority is promised to wait at most


def by_urgency(entries: QuerySet[Order], now: datetime) -> Sequence[int]:
    """Their ids: by what their owners' plans say, and the oldest first. For each AGED_AFTER that it
    has waited by `now`, the wall's, an entry counts one higher: so none waits for ever.
    """
    rows = entries.values_list("pk", "user_id", "created_at")
    priorities = priorities_of({user_id for _, user_id, _ in rows})

    def urgency(row: tuple[int, int, datetime]) -> tuple[int, int]:
        pk, user_id, created_at = row
        priority = priorities.get(user_id, Priority.NORMAL)
        return -(priority + (now - created_at) // AGED_AFTER), pk

    return [row[0] for row in sorted(rows, key=urgency)]
