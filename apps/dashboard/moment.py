"""Reading what belongs together as of one moment, while fills go on being recorded."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction


@contextmanager
def one_moment() -> Iterator[None]:
    """Every read inside sees the same state: cash and positions are those of the same fills.

    Writes nothing, and waits for nobody. Inside an open transaction it is that transaction's view.
    """
    if connection.in_atomic_block:
        yield
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield
