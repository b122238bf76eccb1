"""One signal to N subscribers: from the closed candle to every decision and order committed, and on
the next candle to every paper fill, position, journal entry and event committed.

    python benchmarks/fanout.py --subscribers 1000 10000 --rounds 5

Ours stands beside the floor (COPY of the same decisions, orders, reservations and events, without
deciding anything) and the usual way (the ORM's bulk_create of the same rows), in turn in one run.
The embedded server keeps its data safe here (fsync on). A database is made for the run and dropped.
"""

import argparse
import os
import resource
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "nija.settings.dev")

import django

django.setup()

from django.db import connection, models, transaction
from django.test.utils import CaptureQueriesContext

from apps.events.models import Event
from apps.execution.models import Fill, Order, Position, Reservation
from apps.execution.selectors import holes, ledger_differences
from apps.risk.models import Decision
from benchmarks.stage.database import own_database
from benchmarks.stage.people import populate
from tests import fakes

# What the fan-out writes, and the columns that the database does not fill in by itself.
WRITTEN: Sequence[type[models.Model]] = (Decision, Order, Reservation, Event)
UP = "107"

Seconds = float


class Market:
    """A venue of one instrument whose candles we write, and its N subscribers."""

    def __init__(self, subscribers: int) -> None:
        self.venue = fakes.venue("bench")
        self.instrument = fakes.instrument(self.venue)
        self.version = fakes.version([self.instrument])
        populate(self.venue.code, self.version.pk, subscribers, fakes.MONDAY)
        self.moment = fakes.MONDAY

    def close(self, price: str) -> Seconds:
        """Write one candle and take it through the pipeline; seconds from closed to done."""
        self.moment = fakes.write(self.instrument, [price], self.moment)
        started = time.perf_counter()
        fakes.close(self.venue, self.moment)
        return time.perf_counter() - started


def measure(subscribers: int, rounds: int) -> None:
    market = Market(subscribers)
    ours, fills, floor, orm = [], [], [], []
    for price in fakes.QUIET:
        market.close(price)
    for _ in range(rounds):
        first = {model: _last_id(model) for model in WRITTEN}
        ours.append(market.close(fakes.JUMP))
        rows = {model: _rows_after(model, first[model]) for model in WRITTEN}
        plain = {model: _plain(model, found) for model, found in rows.items()}
        floor.append(_timed_in_a_copy(lambda plain=plain: _copy(plain)))  # type: ignore[misc]
        orm.append(_timed_in_a_copy(lambda rows=rows: _bulk_create(rows)))  # type: ignore[misc]
        del rows, plain
        fills.append(market.close(fakes.JUMP))
        market.close(UP)  # the target is reached: everybody is flat
        for price in fakes.QUIET:
            market.close(price)
    with CaptureQueriesContext(connection) as captured:
        market.close(fakes.JUMP)
    statements = len(captured)
    _prove(subscribers, rounds)
    _print(subscribers, rounds, statements, ours, fills, floor, orm)


def _prove(subscribers: int, rounds: int) -> None:
    """A fast wrong answer is seen: all decided, filled and flat, nothing missing or different.

    One more signal than rounds: the statements were counted on a close of their own.
    """
    entries = Decision.objects.filter(action="enter_long", outcome="ordered").count()
    assert entries == subscribers * (rounds + 1), entries
    assert Fill.objects.count() == 2 * subscribers * rounds
    assert not Position.objects.exclude(quantity=0).exists()
    assert not holes()
    assert not list(ledger_differences())


def _last_id(model: type[models.Model]) -> int:
    found: Any = model
    return found.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def _rows_after(model: type[models.Model], pk: int) -> list[models.Model]:
    found: Any = model
    return list(found.objects.filter(pk__gt=pk).order_by("pk"))


def _timed_in_a_copy(work: Callable[[], None]) -> Seconds:
    """Time the work on empty tables of the same columns and indexes, without foreign keys."""
    with _empty_copies():
        started = time.perf_counter()
        with transaction.atomic():
            work()
        return time.perf_counter() - started


@contextmanager
def _empty_copies() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA bare")
        for model in WRITTEN:
            table = model._meta.db_table
            cursor.execute(f"CREATE TABLE bare.{table} (LIKE public.{table} INCLUDING ALL)")
        cursor.execute("SET search_path = bare, public")
        try:
            yield
        finally:
            cursor.execute("SET search_path = public")
            cursor.execute("DROP SCHEMA bare CASCADE")


def _plain(model: type[models.Model], rows: Sequence[models.Model]) -> list[list[Any]]:
    """The values as they are handed to COPY, made beforehand: the floor prepares nothing."""
    return [
        [
            field.get_db_prep_save(getattr(row, field.attname), connection)
            for field in model._meta.concrete_fields
        ]
        for row in rows
    ]


def _copy(rows: dict[type[models.Model], list[list[Any]]]) -> None:
    for model, found in rows.items():
        names = ", ".join(str(field.column) for field in model._meta.concrete_fields)
        statement = f"COPY {model._meta.db_table} ({names}) FROM STDIN"
        with connection.cursor() as cursor, cursor.copy(statement) as copy:
            for row in found:
                copy.write_row(row)


def _bulk_create(rows: dict[type[models.Model], list[models.Model]]) -> None:
    for model, found in rows.items():
        creating: Any = model
        creating.objects.bulk_create(found, batch_size=2_000)


def _print(subscribers: int, rounds: int, statements: int, *columns: Sequence[Seconds]) -> None:
    names = ("closed → decided, ordered, sent", "next candle → fills posted", "COPY floor", "ORM")
    print(f"\n{subscribers:,} subscribers, {rounds} rounds (median, min-max; ms)")
    for name, seconds in zip(names, columns, strict=True):
        low, high = min(seconds) * 1e3, max(seconds) * 1e3
        middle = statistics.median(seconds) * 1e3
        each = middle * 1e3 / subscribers
        print(f"  {name:32} {middle:9.1f}  ({low:.1f}-{high:.1f})   {each:6.1f} µs each")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"  statements (COPY not counted)    {statements:9}")
    print(f"  peak memory of this process      {peak:9.0f} MB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--subscribers", type=int, nargs="+", default=[1_000, 10_000])
    parser.add_argument("--rounds", type=int, default=5)
    chosen = parser.parse_args()
    for subscribers in chosen.subscribers:
        with own_database():
            measure(subscribers, chosen.rounds)


if __name__ == "__main__":
    main()
