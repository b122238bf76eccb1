"""Who asks for a page, and of what."""

from django.http import HttpRequest

from apps.accounts.asking import user_of

__all__ = ["book_named", "user_of"]


def book_named(request: HttpRequest) -> str:
    """The key of the book that is asked for; empty = the first."""
    return request.GET.get("book", "")
