"""The floor: a WSGI application that looks at nothing and always says the same."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

BODY = b'{"success":true,"data":{"padding":"' + b"x" * 220 + b'"}}'
HEADERS = [("Content-Type", "application/json"), ("Content-Length", str(len(BODY)))]


def application(_: Any, start: Callable[[str, Sequence[tuple[str, str]]], Any]) -> Iterable[bytes]:
    start("200 OK", HEADERS)
    return [BODY]
