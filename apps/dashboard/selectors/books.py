"""Which accounts may be added up: paper is never summed with live, dollars never with euros."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from django.db.models import F

from apps.accounts.models import User
from apps.execution.models import Balance
from trading.money import ZERO


class Account(NamedTuple):
    id: int
    name: str
    cash: Decimal
    reserved: Decimal


@dataclass(frozen=True, slots=True)
class Book:
    """A user's accounts of one venue (so of one clock), one mode and one currency, as one."""

    venue: str
    venue_name: str
    mode: str
    currency: str
    account_ids: tuple[int, ...]
    account_names: tuple[str, ...]
    cash: Decimal
    reserved: Decimal

    @property
    def key(self) -> str:
        return f"{self.venue}.{self.mode}.{self.currency}"

    @property
    def title(self) -> str:
        return f"{', '.join(self.account_names)}, {self.currency}"


def books(user: User) -> list[Book]:
    """All of a user's books, in the order in which their first accounts were opened."""
    balances = Balance.objects.of(user).filter(currency=F("account__currency"))
    grouped: dict[tuple[str, str, str, str], list[Account]] = {}
    for venue, venue_name, mode, currency, pk, name, cash, reserved in balances.order_by(
        "account_id"
    ).values_list(
        "account__venue_id", "account__venue__name", "account__mode", "currency",
        "account_id", "account__name", "cash", "reserved",
    ):  # fmt: skip
        key = (venue, venue_name, mode, currency)
        grouped.setdefault(key, []).append(Account(pk, name, cash, reserved))
    return [
        Book(
            *key,
            account_ids=tuple(account.id for account in accounts),
            account_names=tuple(account.name for account in accounts),
            cash=sum((account.cash for account in accounts), ZERO),
            reserved=sum((account.reserved for account in accounts), ZERO),
        )
        for key, accounts in grouped.items()
    ]


def chosen(found: Sequence[Book], key: str) -> Book | None:
    """The book of this key, else the first; None where the user has no account."""
    return next((book for book in found if book.key == key), found[0] if found else None)
