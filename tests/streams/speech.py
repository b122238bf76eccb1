"""Whether a message of a stream is one that docs/streams.md describes."""

from functools import lru_cache
from typing import Any

from jsonschema import Draft202012Validator

from apps.dashboard.messages import EVENT_DATA, SERVER


def check(path: str, message: Any) -> None:
    """Raises ValidationError for a message that this stream has not been said to send."""
    _validator(path, message["type"]).validate(message)


def check_nothing_undescribed(path: str, message: Any) -> None:
    """Further than clients go: a field that nobody has described is a mistake of ours."""
    check(path, message)
    Draft202012Validator(closed(SERVER[path][message["type"]])).validate(message)
    if message["type"] == "event":
        Draft202012Validator(closed(EVENT_DATA[message["kind"]])).validate(message["data"])


@lru_cache
def _validator(path: str, kind: str) -> Draft202012Validator:
    schema = SERVER[path][kind]
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)


def closed(schema: Any) -> Any:
    """The same, with no further fields. What lies under `allOf` describes parts, not the whole."""
    if isinstance(schema, list):
        return [closed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    found = {name: closed(part) for name, part in schema.items() if name != "allOf"}
    if "properties" in found:
        found["additionalProperties"] = False
    return found
