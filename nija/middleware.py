"""What answers carry and Django does not see to: the policy of the pages, the API's rates."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse

from apps.accounts import tokens
from apps.common import rates
from apps.common.addresses import address_of
from apps.common.api import TOO_OFTEN, failure
from nija.errors import API

BEARER = "bearer "

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


def api_rates(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Counts each question to the API, whatever comes of it, and tells what is left. An answer is
    its caller's own: no cache keeps it.

    Valkey being away stops nobody: the answer then says nothing of rates.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        if not request.path.startswith(API):
            return get_response(request)
        rate = rates.count(*_caller(request))
        if rate is not None and rate.is_over:
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


def _caller(request: HttpRequest) -> tuple[str, int]:
    """Whom to count, and how many questions a minute they have. A token is believed when it is
    signed by us; whether it still stands is looked up later, for those within the rate.
    """
    said = request.headers.get("Authorization", "")
    if said.lower().startswith(BEARER):
        try:
            user_id = tokens.read_access(said[len(BEARER) :].strip()).user_id
        except tokens.TokenRefused:
            return _stranger(request)
        return f"token:{user_id}", settings.API_RATES["token"]
    if request.user.is_authenticated:
        return f"page:{request.user.pk}", settings.API_RATES["page"]
    return _stranger(request)


def _stranger(request: HttpRequest) -> tuple[str, int]:
    return f"address:{address_of(request)}", settings.API_RATES["address"]
