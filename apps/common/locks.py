"""Advisory locks of PostgreSQL, by name. The database's constraints are the guarantee; these keep
order and spare work. A session lock dies with its connection, so a killed holder never blocks
anyone.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from apps.common.db import transaction_required


def _key(name: str) -> int:
    digest = hashlib.sha256(name.encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)


@contextmanager
def session_lock(name: str, *, wait: bool) -> Iterator[bool]:
    """Held until the block ends. Yields False, without waiting, when `wait` is off and it is
    taken."""
    key = _key(name)
    with connection.cursor() as cursor:
        if wait:
            cursor.execute("SELECT pg_advisory_lock(%s)", [key])
            is_held = True
        else:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [key])
            is_held = bool(cursor.fetchone()[0])
    try:
        yield is_held
    finally:
        # In a transaction that has failed nothing can be said; the error that broke it comes out.
        if is_held and not connection.needs_rollback and connection.is_usable():
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [key])


@transaction_required
def transaction_lock(name: str, *, shared: bool = False) -> None:
    """Waits for the lock and holds it until the transaction ends."""
    function = "pg_advisory_xact_lock_shared" if shared else "pg_advisory_xact_lock"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(%s)", [_key(name)])
