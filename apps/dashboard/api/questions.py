"""What the endpoints of an account have in common: the book, and how one asks."""

from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import NotFound

from apps.accounts.models import User
from apps.dashboard.selectors.books import Book, books, chosen

BOOK_HELP = (
    "Which accounts: venue.mode.currency, as in `demo.paper.USD`. The first one where none is "
    "named: paper and live, dollars and euros are never added up."
)


class BookQuestion(serializers.Serializer[Any]):
    book = serializers.CharField(max_length=60, default="", help_text=BOOK_HELP)


class BookFields(serializers.Serializer[Any]):
    """Whose numbers these are."""

    book = serializers.CharField(source="key")
    broker = serializers.CharField(source="venue_name")
    mode = serializers.ChoiceField(choices=["paper", "live"])
    currency = serializers.CharField()


def book_of(user: User, key: str) -> Book:
    """The named book, else the first. Raises NotFound where there is none."""
    return known(chosen(books(user), key), key)


def known(book: Book | None, key: str) -> Book:
    """Raises NotFound where there is no book, or another one than was asked for."""
    if book is None:
        raise NotFound("You have no account yet.")
    if key and book.key != key:
        raise NotFound(f"You have no accounts {key}.")
    return book
