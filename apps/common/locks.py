"""Advisory locks of PostgreSQL, by name. The database's constraints are the guarantee; these keep
order and spare work. A session lock dies with its connection, so a killed holder never blocks
anyone.

Where the wait may be long and right, `lock_timeout` is put aside for the statement that waits.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TypeVar

from django.db import InterfaceError, connection

from apps.common.db import transaction_required

R = TypeVar("R")


class SessionLost(InterfaceError):
    """The database has ended the session that held a lock."""


def _key(name: str) -> int:
    digest = hashlib.sha256(name.encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)


# OFFSET 0: read before the rest is begun, which is done from the left to the right.
_ALONE = (
    "SELECT set_config('lock_timeout', '0', true), pg_advisory_xact_lock(%s), "
    "set_config('lock_timeout', its.was, true) "
    "FROM (SELECT current_setting('lock_timeout') AS was OFFSET 0) AS its"
)


@contextmanager
def session_lock(name: str, *, wait: bool) -> Iterator[bool]:
    """Held until the block ends. Yields False, without waiting, when `wait` is off and it is taken;
    else waits however long: its holder may have many candles to take."""
    key = _key(name)
    with connection.cursor() as cursor:
        if wait:
            cursor.execute(
                "SELECT set_config('lock_timeout', '0', true), pg_advisory_lock(%s)", [key]
            )
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


def in_this_session(steps: Iterable[Callable[[], R]]) -> Iterator[Callable[[], R]]:
    """The steps, each of which raises SessionLost instead where the session is another by then: who
    goes on after an error might not hold any more what was locked by the one before."""
    session = connection.connection

    def guarded(step: Callable[[], R]) -> R:
        if connection.connection is not session:
            raise SessionLost
        return step()

    return (partial(guarded, step) for step in steps)


@transaction_required
def transaction_lock(name: str, *, shared: bool = False) -> None:
    """Waits for the lock and holds it until the transaction ends. Who shares it gives up as with
    any other lock (OperationalError); who wants it alone, as who stops trading, does not."""
    with connection.cursor() as cursor:
        if shared:
            cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [_key(name)])
        else:
            cursor.execute(_ALONE, [_key(name)])
