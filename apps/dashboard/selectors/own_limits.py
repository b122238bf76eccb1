"""The limits that hold for each account of a book, who set them, and where nothing can trade."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property

from apps.accounts.models import User
from apps.common.models import Mode
from apps.dashboard import numbers
from apps.dashboard.selectors.books import Book, books, chosen
from apps.execution.equities import equities
from apps.risk.limits import OwnLimits, bounds_in_force, own_limits_of
from apps.subscriptions.selectors import Entitlements, entitlements
from trading.gates.bounds import Bounds, Source
from trading.gates.codes import GateCode
from trading.gates.dead_zones import is_deadlocked, needed
from trading.gates.sentences import TEMPLATES
from trading.tiers import CapitalTier, tier_of

COUNT, MONEY, SHARE = "count", "money", "share"
# What a person may bound, as the page calls it.
OWN = {
    "most_notional": ("Most for one order", MONEY),
    "most_share": ("Most of the account in one order", SHARE),
    "positions": ("Open positions", COUNT),
    "trades_a_day": ("Trades a day", COUNT),
    "consecutive_losses": ("Losses in a row", COUNT),
    "daily_loss": ("Loss of a day", SHARE),
    "daily_loss_money": ("Lost in losing trades a day", MONEY),
    "weekly_loss": ("Loss of a week", SHARE),
    "drawdown": ("Below the highest equity", SHARE),
}
SHOWN = {"least_notional": ("Least for one order", MONEY), **OWN}
# What else may hold, of what a backtest can meet.
ALL = {
    **SHOWN,
    "least_share": ("Least of the account in one order", SHARE),
    "strategy_share": ("Most of the capital in the strategy", SHARE),
    "exposure": ("Most of the account in all positions", SHARE),
    "correlated": ("Most of the account in what moves together", SHARE),
    "weekly_loss_halves": ("Loss of a week that halves sizes", SHARE),
    "volatility": ("Volatility, 0 to 100", COUNT),
    "market_collar": ("Price of an order at market, off by", SHARE),
    "limit_collar": ("Price of an order with its own, off by", SHARE),
}
WHO = {
    Source.HARD: "a hard control",
    Source.PLATFORM: "the platform",
    Source.TIER: "the capital tier",
    Source.PLAN: "your plan",
    Source.USER: "you",
    Source.STRATEGY: "the strategy",
}


@dataclass(frozen=True, slots=True)
class LimitLine:
    name: str
    value: str
    who: str


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
        return limit_lines(self.bounds, self.currency, SHOWN)

    @property
    def deadlock(self) -> str:
        """Why no order at all is possible with this capital, and what it would take; or empty."""
        if self.equity is None or self.equity <= 0 or not is_deadlocked(self.bounds, self.equity):
            return ""
        words = TEMPLATES[GateCode.TIER_DEADLOCK].words
        observed = numbers.money(self.equity, self.currency)
        return words.format(observed=observed, limit=needed(self.bounds))


def limit_lines(
    bounds: Bounds, currency: str, shown: Mapping[str, tuple[str, str]] = ALL
) -> list[LimitLine]:
    """What is set of them, each with who set it."""
    return [
        LimitLine(label, _written(bound.value, kind, currency), WHO[Source(bound.source)])
        for name, (label, kind) in shown.items()
        if (bound := getattr(bounds, name)) is not None
    ]


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
        tier = self.granted.capital_tier or tier_of(equity)
        bounds = bounds_in_force(self.granted, tier, self.own, is_live=self.mode is Mode.LIVE)
        return AccountLimits(name, self.book.currency, equity, tier, bounds)


def _written(value: Decimal, kind: str, currency: str) -> str:
    if kind == MONEY:
        return f"{numbers.money(value, currency)} {currency}"
    return numbers.share(value * 100) if kind == SHARE else numbers.quantity(value)
