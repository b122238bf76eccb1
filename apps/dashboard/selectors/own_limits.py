"""The limits that hold for each account of a book, who set them, and where nothing can trade."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property

from apps.accounts.models import User
from apps.common.models import Mode
from apps.dashboard.limit_words import LimitLine, limit_lines
from apps.dashboard.selectors.books import Book, books, chosen
from apps.execution.equities import equities
from apps.risk.limits import NAMES, OwnLimits, bounds_in_force, own_limits_of
from apps.risk.sayings import in_currency
from apps.subscriptions.selectors import Entitlements, entitlements
from trading.gates import capital_guard
from trading.gates.bounds import Bounds, in_force
from trading.gates.codes import GateCode
from trading.gates.dead_zones import is_deadlocked, needed
from trading.gates.sentences import sentence
from trading.gates.values import Status, Verdict, text
from trading.tiers import CapitalTier

# What the page tells of; the rest is in receipts.
SHOWN = ("least_notional", *NAMES)


@dataclass(frozen=True, slots=True)
class AccountLimits:
    """`equity` None = something that it holds has no price, and no tier is known."""

    name: str
    currency: str
    equity: Decimal | None
    tier: CapitalTier | None
    bounds: Bounds

    @property
    def lines(self) -> list[LimitLine]:
        return limit_lines(in_force(self.bounds), self.currency, SHOWN)

    @property
    def deadlock(self) -> str:
        """Why no order at all is possible with this capital, and what it would take; or empty."""
        if self.equity is None or self.equity <= 0 or not is_deadlocked(self.bounds, self.equity):
            return ""
        code, capital = GateCode.TIER_DEADLOCK.value, text(self.equity)
        refusal = Verdict(capital_guard.NUMBER, Status.REFUSED, code, capital, needed(self.bounds))
        return sentence(refusal, in_currency(self.currency))


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

    def _limits_of(self, name: str, equity: Decimal | None) -> AccountLimits:
        if equity is None:
            return AccountLimits(name, self.book.currency, None, None, self.own.bounds)
        tier = self.granted.tier(equity)
        bounds = bounds_in_force(self.granted, tier, self.own, is_live=self.mode is Mode.LIVE)
        return AccountLimits(name, self.book.currency, equity, tier, bounds)
