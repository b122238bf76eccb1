"""Long answers in parts. Rows that go on being written are paged by a cursor, which neither skips
nor repeats any; what has a known end, by numbers.
"""

from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from rest_framework import serializers

M = TypeVar("M", bound=Model)
PER_PAGE, MOST_PER_PAGE = 50, 100
HIGHEST = 2**63 - 1


def _per_page() -> serializers.IntegerField:
    return serializers.IntegerField(min_value=1, max_value=MOST_PER_PAGE, default=PER_PAGE)


class CursorQuestion(serializers.Serializer[Any]):
    cursor = serializers.IntegerField(
        min_value=1,
        max_value=HIGHEST,
        required=False,
        help_text="`next_cursor` of the page before.",
    )
    per_page = _per_page()


class PageQuestion(serializers.Serializer[Any]):
    page = serializers.IntegerField(min_value=1, max_value=10**6, default=1)
    per_page = _per_page()


class CursorPaging(serializers.Serializer[Any]):
    per_page = serializers.IntegerField()
    next_cursor = serializers.CharField(allow_null=True)
    has_next = serializers.BooleanField()


class NumberPaging(serializers.Serializer[Any]):
    page = serializers.IntegerField()
    per_page = serializers.IntegerField()
    total_items = serializers.IntegerField()
    total_pages = serializers.IntegerField()
    has_next = serializers.BooleanField()
    has_prev = serializers.BooleanField()


def after_cursor(
    rows: QuerySet[M], *, per_page: int, cursor: int | None = None
) -> tuple[list[M], dict[str, object]]:
    """The page after the cursor, newest first, and its `pagination`. One query."""
    if cursor is not None:
        rows = rows.filter(pk__lt=cursor)
    found = list(rows.order_by("-pk")[: per_page + 1])
    page, has_next = found[:per_page], len(found) > per_page
    next_cursor = str(page[-1].pk) if has_next else None
    return page, {"per_page": per_page, "next_cursor": next_cursor, "has_next": has_next}


def numbered(
    rows: QuerySet[Any, M], *, page: int, per_page: int
) -> tuple[list[M], dict[str, object]]:
    """The page of this number, in the order of the rows, and its `pagination`. Two queries."""
    total = rows.count()
    pages = -(-total // per_page)
    first = (page - 1) * per_page
    return list(rows[first : first + per_page]), {
        "page": page,
        "per_page": per_page,
        "total_items": total,
        "total_pages": pages,
        "has_next": page < pages,
        "has_prev": page > 1,
    }
