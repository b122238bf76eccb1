"""The relay: seals events, tells the rest of the house, and marks them told. At least once, and the
events of one chain in their sequence.
"""

import logging
from collections.abc import Callable, Mapping, Sequence

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from apps.common import db
from apps.common.locks import session_lock
from apps.events.models import Event
from apps.events.services.sealing import BATCH, seal_batch

log = logging.getLogger(__name__)

Reaction = Callable[[Sequence[Event]], None]


class ReceiverAway(Exception):
    """Raised by a reaction that cannot reach whom it tells; the events wait for the next round."""


@db.durable
def relay() -> int:
    """Seal and tell everything there is; the number told. Whoever finds the lock taken leaves at
    once: the holder looks again after letting go, so nothing recorded meanwhile is left behind.
    """
    told = 0
    while True:
        with session_lock("events.relay", wait=False) as is_ours:
            if not is_ours:
                return told
            while seal_batch() == BATCH:
                pass
            fresh, failed = _tell_all()
            told += fresh
        if failed or not Event.objects.filter(sequence=None).exists():
            return told


def _tell_all() -> tuple[int, bool]:
    """Tell sealed events in batches; stop at a batch of which a reaction failed.

    By sequence, so that no event of a chain is told before the one it follows: ids are given out
    before the commit, and a slow transaction's may be lower than those that were sealed before it.
    """
    reactions: Mapping[str, Sequence[Reaction]] = import_string(settings.EVENT_REACTIONS)
    waiting = Event.objects.filter(relayed_at=None, sequence__isnull=False)
    told = 0
    while True:
        batch = list(waiting.order_by("sequence", "id")[:BATCH])
        if not batch:
            return told, False
        if not _tell(batch, reactions):
            return told, True
        ids = [event.pk for event in batch]
        with transaction.atomic():
            Event.objects.filter(pk__any_of=ids).update(relayed_at=timezone.now())
        told += len(batch)


def _tell(batch: Sequence[Event], reactions: Mapping[str, Sequence[Reaction]]) -> bool:
    by_reaction: dict[Reaction, list[Event]] = {}
    for event in batch:
        for reaction in reactions[event.kind]:
            by_reaction.setdefault(reaction, []).append(event)
    for reaction, events in by_reaction.items():
        try:
            reaction(events)
        except ReceiverAway as away:
            log.warning("%d events wait: %s", len(batch), away)
            return False
        except Exception:  # the one broad handler: the rows wait for the next round
            log.exception("a reaction to %s failed", {event.kind for event in events})
            if connection.in_atomic_block:
                raise
            return False
    return True
