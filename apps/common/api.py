"""The envelope of the JSON API, and the answer to everything that goes wrong in it."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.utils import timezone
from rest_framework import serializers, status
from rest_framework.exceptions import APIException, ErrorDetail, Throttled, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import exception_handler

from apps.common import rates
from apps.common.errors import Conflict, Refused
from apps.common.rates import SPENT, Rate

CODES = {
    status.HTTP_400_BAD_REQUEST: "VALIDATION_ERROR",
    status.HTTP_401_UNAUTHORIZED: "TOKEN_INVALID",
    status.HTTP_403_FORBIDDEN: "UNAUTHORIZED",
    status.HTTP_404_NOT_FOUND: "NOT_FOUND",
    status.HTTP_405_METHOD_NOT_ALLOWED: "METHOD_NOT_ALLOWED",
    status.HTTP_429_TOO_MANY_REQUESTS: "RATE_LIMIT_EXCEEDED",
    status.HTTP_500_INTERNAL_SERVER_ERROR: "INTERNAL_ERROR",
    status.HTTP_503_SERVICE_UNAVAILABLE: "SERVICE_UNAVAILABLE",
}
TOO_OFTEN = "You ask too often. Wait a moment."


class OverRate(Throttled):
    """429, with what is left of the rate that was exceeded."""

    def __init__(self, rate: Rate) -> None:
        super().__init__()
        self.detail = ErrorDetail(TOO_OFTEN, code="RATE_LIMIT_EXCEEDED")
        self.rate = rate


class Unavailable(APIException):
    """503: something that the answer needs is away."""

    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_detail = "This cannot be answered right now. Try again in a minute."


def is_above_rate(request: Request) -> bool:
    """Of what the common rate refuses nobody (nija/middleware.py)."""
    return SPENT in request.META


def within_exit_rate(request: Request) -> None:
    """For what closes a position: above the common rate it has an allowance of its own, which
    nothing else uses up. Raises OverRate."""
    if not is_above_rate(request):
        return
    own = rates.count(f"exit:{request.user.pk}", settings.API_RATES["exit"])
    if own is not None and own.is_over:
        raise OverRate(own)


def within_rate(request: Request) -> None:
    """For views that answer some questions above the common rate (nija/middleware.py) and not this
    one. Raises OverRate."""
    spent = request.META.get(SPENT)
    if spent is not None:
        raise OverRate(spent)


def asked(question: serializers.Serializer[Any]) -> dict[str, Any]:
    """What was sent, checked. Raises ValidationError."""
    question.is_valid(raise_exception=True)
    found: dict[str, Any] = question.validated_data
    return found


def success(data: object, answer: int = status.HTTP_200_OK) -> Response:
    """The data in the envelope."""
    return Response({"success": True, "data": data, "timestamp": _now()}, status=answer)


def failure(code: str, message: str, details: object = None) -> dict[str, object]:
    """The envelope of an error; `details` are what a form would show beside its fields."""
    error = {"code": code, "message": message, "details": {} if details is None else details}
    return {"success": False, "error": error, "timestamp": _now()}


def answer_to_error(exc: Exception, context: Mapping[str, Any]) -> Response | None:
    """DRF's exception handler. None = not ours to explain: the server's own answer to a bug."""
    if isinstance(exc, Refused):
        is_late = isinstance(exc, Conflict)
        answer = status.HTTP_409_CONFLICT if is_late else status.HTTP_400_BAD_REQUEST
        return Response(failure(exc.code, exc.message), status=answer)
    response = exception_handler(exc, dict(context))
    if response is None:
        return None
    if isinstance(exc, ValidationError):
        code = CODES[status.HTTP_400_BAD_REQUEST]
        response.data = failure(code, "Some of what was sent cannot be used.", response.data)
        return response
    response.data = failure(_code(exc, response.status_code), str(response.data["detail"]))
    if isinstance(exc, OverRate):
        for name, value in {**exc.rate.headers, "Retry-After": exc.rate.retry_after}.items():
            response[name] = value
    return response


def _code(exc: Exception, status_code: int) -> str:
    """The exception's own code where it is one of ours: those of DRF are in lower case."""
    own = exc.get_codes() if isinstance(exc, APIException) else None
    return own if isinstance(own, str) and own.isupper() else CODES.get(status_code, "ERROR")


def _now() -> str:
    return timezone.now().isoformat().replace("+00:00", "Z")
