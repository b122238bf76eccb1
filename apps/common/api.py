"""The envelope of the JSON API, and the answer to everything that goes wrong in it."""

from collections.abc import Mapping
from typing import Any

from django.utils import timezone
from rest_framework import status
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response
from rest_framework.views import exception_handler

from apps.common.errors import Refused

CODES = {
    status.HTTP_400_BAD_REQUEST: "VALIDATION_ERROR",
    status.HTTP_401_UNAUTHORIZED: "TOKEN_INVALID",
    status.HTTP_403_FORBIDDEN: "UNAUTHORIZED",
    status.HTTP_404_NOT_FOUND: "NOT_FOUND",
    status.HTTP_405_METHOD_NOT_ALLOWED: "METHOD_NOT_ALLOWED",
    status.HTTP_429_TOO_MANY_REQUESTS: "RATE_LIMIT_EXCEEDED",
    status.HTTP_500_INTERNAL_SERVER_ERROR: "INTERNAL_ERROR",
}


def success(data: object) -> Response:
    """200 with the data in the envelope."""
    return Response({"success": True, "data": data, "timestamp": _now()})


def failure(code: str, message: str, details: object = None) -> dict[str, object]:
    """The envelope of an error; `details` are what a form would show beside its fields."""
    error = {"code": code, "message": message, "details": {} if details is None else details}
    return {"success": False, "error": error, "timestamp": _now()}


def answer_to_error(exc: Exception, context: Mapping[str, Any]) -> Response | None:
    """DRF's exception handler. None = not ours to explain: the server's own answer to a bug."""
    if isinstance(exc, Refused):
        return Response(failure(exc.code, exc.message), status=status.HTTP_400_BAD_REQUEST)
    response = exception_handler(exc, dict(context))
    if response is None:
        return None
    code = CODES.get(response.status_code, "ERROR")
    if isinstance(exc, ValidationError):
        response.data = failure(code, "Some of what was sent cannot be used.", response.data)
    else:
        response.data = failure(code, str(response.data["detail"]))
    return response


def _now() -> str:
    return timezone.now().isoformat().replace("+00:00", "Z")
