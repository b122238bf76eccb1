"""The chain: each tenant's events get their sequence and a hash over the one before, in batches."""

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime

import orjson
from django.db import connection

from apps.common import bulk, db
from apps.events.models import Event

BATCH = 5_000
GENESIS = bytes(32)

Head = tuple[int, bytes]


@db.transaction
def seal_batch() -> int:
    """Seal the oldest unsealed events and return how many. One sealer at a time (the relay's
    lock; a second one would wait for the rows, and find them sealed)."""
    unsealed = Event.objects.filter(sequence=None).order_by("id").select_for_update()
    events = list(unsealed[:BATCH])
    if not events:
        return 0
    heads = _heads({event.user_id for event in events})
    rows = []
    for event in events:
        sequence, previous = heads.get(event.user_id, (0, GENESIS))
        sequence += 1
        digest = chained_hash(previous, event, sequence)
        heads[event.user_id] = (sequence, digest)
        rows.append((event.pk, sequence, previous, digest))
    bulk.update_rows(Event, ("sequence", "previous_hash", "hash"), rows)
    return len(rows)


def chained_hash(previous: bytes, event: Event, sequence: int) -> bytes:
    """SHA-256 over the previous hash and the canonical form of the event."""
    canonical = orjson.dumps(
        [event.user_id, sequence, event.kind, _instant(event.happened_at), event.payload],
        option=orjson.OPT_SORT_KEYS,
    )
    return hashlib.sha256(previous + canonical).digest()


def broken_link(events: Iterable[Event]) -> Event | None:
    """The first event of one chain, in sequence, that does not follow from the one before."""
    expected, previous = 1, GENESIS
    for event in events:
        sequence = event.sequence or 0
        is_whole = sequence == expected and bytes(event.previous_hash or b"") == previous
        if not is_whole or bytes(event.hash or b"") != chained_hash(previous, event, sequence):
            return event
        expected, previous = sequence + 1, bytes(event.hash or b"")
    return None


def _instant(moment: datetime) -> str:
    """The same text whatever zone the database's session speaks in."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def _heads(users: set[int | None]) -> dict[int | None, Head]:
    """The last sequence and hash of each chain, one index look-up a chain."""
    known: list[int] = [user for user in users if user is not None]
    heads: dict[int | None, Head] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT chain.user_id, last.sequence, last.hash FROM unnest(%s::bigint[]) "
            "AS chain(user_id), LATERAL (SELECT sequence, hash FROM events_event "
            "WHERE user_id = chain.user_id AND sequence IS NOT NULL "
            "ORDER BY sequence DESC LIMIT 1) AS last",
            (known,),
        )
        heads.update({row[0]: (row[1], bytes(row[2])) for row in cursor.fetchall()})
        if None in users:
            cursor.execute(
                "SELECT sequence, hash FROM events_event WHERE user_id IS NULL "
                "AND sequence IS NOT NULL ORDER BY sequence DESC LIMIT 1"
            )
            row = cursor.fetchone()
            if row is not None:
                heads[None] = (row[0], bytes(row[1]))
    return heads
