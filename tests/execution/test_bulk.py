"""Values reach PostgreSQL as they are, also by the thousand."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from apps.brokers.models import Venue
from apps.common.bulk import as_array, copy_rows

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("bigint", [1, -2, 9_223_372_036_854_775_807]),
        ("numeric", [Decimal("0.000000000000000001"), None, Decimal("-12345678901234567890.5")]),
        ("timestamptz", [datetime(2026, 6, 1, 12, 30, 0, 123456, tzinfo=UTC), None]),
        ("text", ["", "plain", 'a "quoted" one', "back\\slash", "{braces, commas}", "NULL", " é "]),
        ("bytea", [b"\x00\xff", b""]),
        ("boolean", [True, False]),
    ],
)
def test_an_array_comes_back_unchanged(kind: str, values: list[object]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT %s::{kind}[]", [as_array(values)])
        assert cursor.fetchone()[0] == values


def test_what_copy_may_not_write_is_an_error_of_django() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        copy_rows(Venue, ("code", "name"), [("lab", "Lab"), ("lab", "Again")])

    assert not Venue.objects.exists()
