"""How the API describes itself: one decorator for an operation, and the envelopes around it."""

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any, TypeVar

from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import serializers

from apps.common.paging import CursorPaging, NumberPaging, PageQuestion

Row = type[serializers.Serializer[Any]] | serializers.Serializer[Any]
F = TypeVar("F", bound=Callable[..., Any])


class Money(serializers.FloatField):
    """A Decimal of ours as a JSON number, as version 1 documents money."""


def told(
    fields: type[serializers.Serializer[Any]], rows: Iterable[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """What `fields(rows, many=True).data` would say of mappings that hold a value for each field.
    DRF copies all fields for an answer and looks up each value by trial: most of a long answer.
    """
    converted = _conversions(fields)
    return [
        {
            name: None if (value := row[source]) is None else convert(value)
            for name, source, convert in converted
        }
        for row in rows
    ]


@cache
def _conversions(
    fields: type[serializers.Serializer[Any]],
) -> tuple[tuple[str, str, Callable[[Any], Any]], ...]:
    return tuple(
        (name, field.source or name, field.to_representation)
        for name, field in fields().fields.items()
    )


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
    name: str,
    data: Row,
    *,
    asks: Row | None = None,
    sends: Row | None = None,
    also: Any = (),
    makes: bool = False,
) -> Callable[[F], F]:
    """Describes an operation: what it is asked (query), sent (body) and answers with; `also` are
    further statuses that it can fail with. What `makes` something answers 201 then.
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
        responses={**dict.fromkeys((200, 201) if makes else (200,), envelope), **failures},
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
