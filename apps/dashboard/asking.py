"""Who asks for a page, and of what."""

from django.http import HttpRequest

from apps.accounts.models import User


def user_of(request: HttpRequest) -> User:
    """Of a view that asks for a sign-in."""
    assert isinstance(request.user, User)
    return request.user


def book_named(request: HttpRequest) -> str:
    """The key of the book that is asked for; empty = the first."""
    return request.GET.get("book", "")
