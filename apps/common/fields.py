import json
from collections.abc import Iterable
from enum import Enum
from typing import Any

from django.db import models

LONGEST_NAME = 254  # of whoever acts: an email address as long as User.email
LONGEST_REASON = 200


def choices(of: Iterable[Enum]) -> list[tuple[str, str]]:
    """The members of an enum of text as a column's choices: they are told by their own words."""
    return [(member.value, member.value) for member in of]


class CompactJSONField(models.TextField[Any, Any]):
    """JSON kept as the text that was written: half the size of jsonb for arrays of short values,
    and COPY need not parse it. To look inside in SQL, cast the column to jsonb.
    """

    def from_db_value(self, value: str | None, *_: Any) -> Any:
        return None if value is None else json.loads(value)

    def get_prep_value(self, value: Any) -> str | None:
        return None if value is None else json.dumps(value, separators=(",", ":"))

    def value_to_string(self, obj: models.Model) -> str:
        return json.dumps(self.value_from_object(obj))


class MoneyField(models.DecimalField[Any, Any]):
    """The one decimal column: numeric(38,18) for money, prices, quantities, fees and fractions.

    PostgreSQL stores only the digits used, so the wide type costs nothing (docs/decisions).
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["max_digits"] = 38
        kwargs["decimal_places"] = 18
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        del kwargs["max_digits"]
        del kwargs["decimal_places"]
        return name, path, args, kwargs
