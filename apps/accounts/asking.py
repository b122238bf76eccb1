"""Who asks, of a page or of the API."""

from django.http import HttpRequest
from rest_framework.request import Request

from apps.accounts.models import User


def user_of(request: HttpRequest | Request) -> User:
    """Of a view that asks for a sign-in."""
    assert isinstance(request.user, User)
    return request.user
