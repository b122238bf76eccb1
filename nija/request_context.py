"""What is known of a request or a connection while it is served: its id, and whose it is."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any
from uuid import uuid4

from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject
from structlog.typing import EventDict

from apps.common.logs import bound

HEADER = "X-Request-ID"
USABLE = re.compile(r"[A-Za-z0-9_-]{8,64}")

log = logging.getLogger("nija.requests")
_request: ContextVar[HttpRequest | None] = ContextVar("request", default=None)


def request_context(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Every line logged while a request is served carries its id, which the answer names too. A
    proxy in front may give the id. The path is logged without its query, which may hold anything.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        given = request.headers.get(HEADER, "")
        request_id = given if USABLE.fullmatch(given) else uuid4().hex
        token, started = _request.set(request), time.perf_counter()
        try:
            with bound(request_id=request_id):
                response = get_response(request)
                log.info(
                    "%s %s %d",
                    request.method,
                    request.path,
                    response.status_code,
                    extra={"milliseconds": round((time.perf_counter() - started) * 1000, 1)},
                )
        finally:
            _request.reset(token)
        response.headers[HEADER] = request_id
        return response

    return middleware


def add_user(_: Any, __: str, event: EventDict) -> EventDict:
    """Who asked, where that has been found out: a log line never asks the database."""
    request = _request.get()
    if request is not None:
        person = getattr(request, "_cached_user", None) or request.__dict__.get("user")
        known = None if isinstance(person, SimpleLazyObject) else getattr(person, "pk", None)
        if known is not None:
            event.setdefault("user_id", known)
    return event


def named_connection(inner: Callable[..., Any]) -> Callable[..., Any]:
    """The same for a WebSocket: the lines of one connection carry its id and its user."""

    async def connected(scope: Any, receive: Any, send: Any) -> None:
        known = {"connection_id": uuid4().hex}
        person = scope.get("user")
        if getattr(person, "pk", None):
            known["user_id"] = person.pk
        with bound(**known):
            await inner(scope, receive, send)

    return connected
