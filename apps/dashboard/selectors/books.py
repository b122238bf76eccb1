"""Which accounts may be added up: paper is never summed with live, dollars never with euros."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import F

from apps.accounts.models import User
from apps.execution.models import Balance
from trading.candles import Timeframe
from trading.money import ZERO


class Account(NamedTuple):
    id: int
    name: str
    cash: Decimal
    reserved: Decimal


@dataclass(frozen=True, slots=True)
class Book:
    """A user's accounts of one venue, one mode and one currency, as one; `now` is its clock's."""

    venue: str
    venue_name: str
    now: datetime
    finest: Timeframe
    mode: str
    currency: str
    account_ids: tuple[int, ...]
    account_names: tuple[str, ...]
    cash: Decimal
    reserved: Decimal  # of the cash: set aside for entries on their way

    @property
    def key(self) -> str:
        return f"{self.venue}.{self.mode}.{self.currency}"

    @property
    def title(self) -> str:
        return f"{', '.join(self.account_names)}, {self.currency}"


class OfBook:
    """What a page tells of one of a user's books: that of the key, else the first."""

    def __init__(self, user: User, key: str = "") -> None:
        self.user = user
        self.books: Sequence[Book] = books(user)
        self.chosen = chosen(self.books, key)

    @property
    def book(self) -> Book:
        """Only asked for where there is one."""
        assert self.chosen is not None
        return self.chosen


def books(user: User) -> list[Book]:
    """All of a user's books, in the order in which their first accounts were opened."""
    balances = Balance.objects.of(user).filter(currency=F("account__currency"))
    grouped: dict[tuple[Any, ...], list[Account]] = {}
    for *key, pk, name, cash, reserved in balances.order_by("account_id").values_list(
        "account__venue_id", "account__venue__name", "account__venue__marketclock__now",
        "account__venue__marketclock__timeframe", "account__mode", "currency",
        "account_id", "account__name", "cash", "reserved",
    ):  # fmt: skip
        grouped.setdefault(tuple(key), []).append(Account(pk, name, cash, reserved))
    return [_book(key, accounts) for key, accounts in grouped.items()]


def chosen(found: Sequence[Book], key: str) -> Book | None:
    """The book of this key, else the first; None where the user has no account."""
    return next((book for book in found if book.key == key), found[0] if found else None)


def _book(key: tuple[Any, ...], accounts: Sequence[Account]) -> Book:
    venue, venue_name, now, finest, mode, currency = key
    return Book(
        venue,
        venue_name,
        now,
        Timeframe(finest),
        mode,
        currency,
        account_ids=tuple(account.id for account in accounts),
        account_names=tuple(account.name for account in accounts),
        cash=sum((account.cash for account in accounts), ZERO),
        reserved=sum((account.reserved for account in accounts), ZERO),
    )
