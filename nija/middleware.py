"""What answers carry and Django does not see to: the policy of the pages, the API's rates."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse

from apps.accounts import tokens
from apps.common import rates
from apps.common.addresses import address_of
from apps.common.api import TOO_OFTEN, failure
from apps.common.rates import Rate
from nija.errors import API

BEARER = "bearer "
# What only stops: posted to by somebody whom we know, it is counted and never refused.
STOPS = ("v1:emergency-stop", "v1:kill-switch")
# What may close a position: above the common rate it answers for exits alone.
TICKETS = ("v2:trade",)

POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self' {sockets}; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)


def content_security_policy(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Everything comes from this host; nothing inline runs."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        # Older browsers do not count ws:// of the same host as 'self'.
        scheme = "wss" if request.is_secure() else "ws"
        sockets = f"{scheme}://{request.get_host()}"
        response.headers.setdefault("Content-Security-Policy", POLICY.format(sockets=sockets))
        return response

    return middleware


class Caller(NamedTuple):
    """Whom to count, and how many questions a minute they have."""

    who: str
    limit: int
    is_known: bool = True


def api_rates(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Counts each question to the API, whatever comes of it, and tells what is left. An answer is
    its caller's own: no cache keeps it.

    Valkey being away stops nobody: the answer then says nothing of rates. Nor does a rate keep
    anybody from stopping, or from leaving a position.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        if not request.path.startswith(API):
            return get_response(request)
        rate, is_refused = _counted(request)
        if rate is not None and is_refused:
            response: HttpResponse = JsonResponse(
                failure("RATE_LIMIT_EXCEEDED", TOO_OFTEN),
                status=429,
                headers={"Retry-After": rate.retry_after},
            )
        else:
            response = get_response(request)
        for name, value in (rate.headers if rate is not None else {}).items():
            response.headers.setdefault(name, value)
        response.headers.setdefault("Cache-Control", "no-store, private")
        return response

    return middleware


def _counted(request: HttpRequest) -> tuple[Rate | None, bool]:
    """The rate to tell, and whether the question is refused for it."""
    caller = _caller(request)
    rate = rates.count(caller.who, caller.limit)
    if rate is None or not rate.is_over:
        return rate, False
    if request.method != "POST" or not caller.is_known:
        return rate, True
    request.META[rates.SPENT] = rate  # the view knows what closes, and what has been stopped
    if request.path in map(reverse, STOPS):
        return rate, False
    if request.path not in map(reverse, TICKETS):
        return rate, True
    looked_at = rates.count(f"ticket:{caller.who}", settings.API_RATES["ticket"])
    return (looked_at, True) if looked_at is not None and looked_at.is_over else (rate, False)


def _caller(request: HttpRequest) -> Caller:
    """A token is believed when it is signed by us; whether it still stands is looked up later, for
    those within the rate.
    """
    said = request.headers.get("Authorization", "")
    if said.lower().startswith(BEARER):
        try:
            user_id = tokens.read_access(said[len(BEARER) :].strip()).user_id
        except tokens.TokenRefused:
            return _stranger(request)
        return Caller(f"token:{user_id}", settings.API_RATES["token"])
    if request.user.is_authenticated:
        return Caller(f"page:{request.user.pk}", settings.API_RATES["page"])
    return _stranger(request)


def _stranger(request: HttpRequest) -> Caller:
    return Caller(f"address:{address_of(request)}", settings.API_RATES["address"], is_known=False)
