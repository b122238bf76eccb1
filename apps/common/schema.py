"""How the API describes itself: one decorator for an operation, and the envelopes around it."""

from collections.abc import Callable
from typing import Any, TypeVar

from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import serializers

from apps.common.paging import CursorPaging, NumberPaging, PageQuestion

Row = type[serializers.Serializer[Any]] | serializers.Serializer[Any]
F = TypeVar("F", bound=Callable[..., Any])


class Money(serializers.FloatField):
    """A Decimal of ours as a JSON number, as version 1 documents money."""


class Problem(serializers.Serializer[Any]):
    code = serializers.CharField(help_text="Stable, in capitals.")
    message = serializers.CharField(help_text="For a person.")
    details = serializers.DictField(help_text="By field, where the question cannot be used.")


class Failure(serializers.Serializer[Any]):
    """The envelope of everything that goes wrong."""

    success = serializers.BooleanField(default=False)
    error = Problem()
    timestamp = serializers.DateTimeField()


ALWAYS = (400, 401, 405, 429, 500)
"""What any question can be answered with instead."""


def answers(
    name: str, data: Row, *, asks: Row | None = None, sends: Row | None = None, also: Any = ()
) -> Callable[[F], F]:
    """Describes an operation: what it is asked (query), sent (body) and answers with; `also` are
    further statuses that it can fail with.
    """
    envelope = inline_serializer(
        f"{name}Answer",
        {
            "success": serializers.BooleanField(default=True),
            "data": data() if isinstance(data, type) else data,
            "timestamp": serializers.DateTimeField(),
        },
    )
    failures = dict.fromkeys((*ALWAYS, *also), Failure)
    return extend_schema(
        operation_id=name,
        request=sends,
        parameters=None if asks is None else [asks],
        responses={200: envelope, **failures},
    )


def lists(
    key: str,
    row: type[serializers.Serializer[Any]],
    *,
    asks: type[serializers.Serializer[Any]],
    name: str = "",
) -> Callable[[F], F]:
    """Describes an operation that answers with a page of rows under `key`."""
    paging = NumberPaging if issubclass(asks, PageQuestion) else CursorPaging
    name = name or key
    page = inline_serializer(f"{name}Page", {key: row(many=True), "pagination": paging()})
    return answers(name, page, asks=asks)
