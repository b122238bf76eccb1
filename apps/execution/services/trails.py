"""What staff asked for of many rows at once, in the trail that the admin shows."""

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType

from apps.accounts.models import User
from apps.common import db
from apps.execution.models import Position


@db.transaction
def note(by: User, scope: str, words: str) -> None:
    """Of the positions of a scope, as it was named."""
    LogEntry.objects.create(
        user=by, content_type=ContentType.objects.get_for_model(Position), object_repr=scope[:200],
        action_flag=CHANGE, change_message=words,
    )  # fmt: skip
