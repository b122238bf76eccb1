"""The limits that hold for each account of a book, who set them, and where nothing can trade."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import NamedTuple

from apps.accounts.models import User
from apps.common.models import Mode
from apps.dashboard.limit_words import LimitLine, limit_lines, looser_lines, own_lines
from apps.dashboard.selectors.books import Book, books, chosen
from apps.execution.equities import equities
from apps.risk.limits import NAMES, OwnLimits, bounds_in_force, own_limits_of
from apps.risk.refusals import deadlock
from apps.subscriptions.selectors import Entitlements, entitlements
from trading.gates.bounds import Bounds, in_force
from trading.tiers import CapitalTier

# What the page tells of; the rest is in receipts.
SHOWN = ("least_notional", *NAMES)


@dataclass(frozen=True, slots=True)
class AccountLimits:
    """`equity` None = something that it holds has no price; then no tier is known but a plan's."""

    name: str
    currency: str
    equity: Decimal | None
    tier: CapitalTier | None
    bounds: Bounds
    own: OwnLimits

    @property
    def lines(self) -> list[LimitLine]:
        found = limit_lines(in_force(self.bounds), self.currency, SHOWN)
        return [*found, *own_lines(self.own)]

    @property
    def looser(self) -> list[tuple[LimitLine, LimitLine]]:
        """Each of one's own that does not bind here, with the one that does."""
        return looser_lines(self.own.bounds, self.bounds, self.currency, NAMES)

    @property
    def deadlock(self) -> str:
        """Why no order at all is possible with this capital, and what it would take; or empty."""
        return deadlock(self.bounds, self.equity, self.currency)


class Looser(NamedTuple):
    """A limit of one's own that does not bind in these accounts, and the one that does."""

    own: LimitLine
    stricter: LimitLine
    accounts: str


class LimitsPage:
    """`now` is the wall clock's: plans are paid for by it."""

    def __init__(self, user: User, key: str, now: datetime) -> None:
        self.user = user
        self.books: Sequence[Book] = books(user)
        self.chosen = chosen(self.books, key)
        self.granted: Entitlements = entitlements(user, now)

    @property
    def book(self) -> Book:
        """Only asked for where there is one."""
        assert self.chosen is not None
        return self.chosen

    @property
    def mode(self) -> Mode:
        return Mode(self.book.mode)

    @cached_property
    def own(self) -> OwnLimits:
        return own_limits_of([self.user.pk], self.mode)[self.user.pk]

    @cached_property
    def accounts(self) -> list[AccountLimits]:
        book = self.book
        known = {
            row.id: equity for row, equity in equities(book.now, account_id__in=book.account_ids)
        }
        return [
            self._limits_of(name, known.get(pk))
            for pk, name in zip(book.account_ids, book.account_names, strict=True)
        ]

    @property
    def looser(self) -> list[Looser]:
        """Each said once, with all the accounts of which it is true."""
        found: dict[tuple[LimitLine, LimitLine], list[str]] = {}
        for account in self.accounts:
            for pair in account.looser:
                found.setdefault(pair, []).append(account.name)
        return [Looser(*pair, ", ".join(names)) for pair, names in found.items()]

    def _limits_of(self, name: str, equity: Decimal | None) -> AccountLimits:
        tier = self.granted.capital_tier if equity is None else self.granted.tier(equity)
        bounds = bounds_in_force(self.granted, tier, self.own, is_live=self.mode is Mode.LIVE)
        return AccountLimits(name, self.book.currency, equity, tier, bounds, self.own)
