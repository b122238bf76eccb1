"""Many rows at once: COPY in, one UPDATE for all, ids taken ahead. For thousands together."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

from django.db import connection, models

from apps.common.db import transaction_required

T = TypeVar("T")


def take_ids(model: type[models.Model], count: int) -> list[int]:
    """The next `count` primary keys of the model, rising. Unused ones leave a gap: no harm."""
    if count == 0:
        return []
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
            [table, count],
        )
        return [row[0] for row in cursor.fetchall()]


@transaction_required
def copy_rows(
    model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """COPY rows into the model's table. `columns` are column names (`order_id`, not `order`).

    Constraints are checked as for INSERT; a violated one raises IntegrityError and nothing is
    written. Columns left out get their database default, so every NOT NULL one without it must be
    named.
    """
    names = ", ".join(_quoted(column) for column in columns)
    statement = f"COPY {_quoted(model._meta.db_table)} ({names}) FROM STDIN"
    # A COPY speaks to psycopg itself: without this its errors were not those of Django.
    wrapped = connection.wrap_database_errors
    with wrapped, connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)


@transaction_required
def update_rows(
    model: type[models.Model],
    columns: Sequence[str],
    rows: Sequence[Sequence[Any]],
) -> None:
    """Update many rows by id in one statement; each row is `(id, *values of columns)`.

    The caller holds their locks. There is no further condition: one that the planner takes for rare
    would make it go through all of `rows` for each row of the table that meets it.
    """
    if not rows:
        return
    fields = {field.column: field for field in model._meta.concrete_fields}
    casts = [fields[column].db_type(connection) for column in columns]
    arrays = ", ".join(["%s::bigint[]", *(f"%s::{cast}[]" for cast in casts)])
    names = ", ".join(["id", *(_quoted(column) for column in columns)])
    assignments = ", ".join(f"{_quoted(column)} = source.{_quoted(column)}" for column in columns)
    table = _quoted(model._meta.db_table)
    statement = (
        f"UPDATE {table} AS target SET {assignments} "  # noqa: S608 (names come from the model)
        f"FROM unnest({arrays}) AS source({names}) WHERE target.id = source.id"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [as_array(values) for values in zip(*rows, strict=True)])


def as_array(values: Iterable[Any]) -> str | list[Any]:
    """A parameter for `%s::type[]`. Numbers, dates and texts are written out here, which for
    thousands of them takes a tenth of the driver's own time; anything else is left to the driver.
    """
    found = list(values)
    if all(value is None or isinstance(value, int | Decimal | date) for value in found):
        return "{" + ",".join("NULL" if value is None else str(value) for value in found) + "}"
    if all(isinstance(value, str) for value in found):
        return "{" + ",".join(_as_element(value) for value in found) + "}"
    return found


def _as_element(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)


def in_turns(items: Iterable[T], *, by: Callable[[T], int]) -> list[list[T]]:
    """The first item of each row, the second of those that have one, and so on: a statement that
    joins them takes only one of a row, and does not say which."""
    turns: list[list[T]] = []
    seen: Counter[int] = Counter()
    for item in items:
        number = seen[by(item)]
        seen[by(item)] += 1
        if number == len(turns):
            turns.append([])
        turns[number].append(item)
    return turns
