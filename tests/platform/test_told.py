"""Answers told without a serializer at work say what it would have said."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from rest_framework import serializers

from apps.common.schema import Money, told


class Fields(serializers.Serializer[Any]):
    number = serializers.IntegerField()
    name = serializers.CharField(source="full_name")
    price = Money(allow_null=True)
    at = serializers.DateTimeField(allow_null=True)
    kind = serializers.ChoiceField(choices=["one", "two"])


def test_it_says_what_the_serializer_says() -> None:
    at = datetime(2026, 6, 1, 12, 30, 0, 250, tzinfo=UTC)
    rows: list[dict[str, Any]] = [
        {"number": 1, "full_name": "a", "price": Decimal("1.50"), "at": at, "kind": "one"},
        {"number": 0, "full_name": "", "price": Decimal(0), "at": None, "kind": "two"},
        {"number": 2, "full_name": "c", "price": None, "at": at.replace(microsecond=0), "kind": ""},
    ]

    assert told(Fields, rows) == [dict(row) for row in Fields(rows, many=True).data]
