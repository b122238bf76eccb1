from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum, Window

from apps.accounts.models import User
from apps.common.numbers import places_of
from apps.dashboard.selectors.books import Book
from apps.execution.models import Trade
from trading.exits import ExitReason
from trading.money import ZERO

SHOWN = 12
REASONS = {
    ExitReason.SIGNAL: "strategy signal",
    ExitReason.STOP: "stop reached",
    ExitReason.TRAILING_STOP: "trailing stop reached",
    ExitReason.TARGET: "target reached",
    ExitReason.LADDER: "last step of its ladder reached",
    ExitReason.MARGIN_CALL: "liquidated: margin used up",
    ExitReason.LIQUIDATION: "kill switch",
    ExitReason.MANUAL: "closed by hand",
    ExitReason.UNPROTECTED: "stop lost",
}


@dataclass(frozen=True, slots=True)
class RoundTrip:
    """`pnl` is after the fees of both ways."""

    id: int
    symbol: str
    currency: str
    price_increment: Decimal
    strategy: str
    mode: str
    direction: str
    quantity: Decimal
    entry_price: Decimal
    exit_price: Decimal
    fees: Decimal
    pnl: Decimal
    exit_reason: str
    opened_at: datetime
    closed_at: datetime

    @property
    def price_places(self) -> int:
        return places_of(self.price_increment)

    @property
    def reason(self) -> str:
        return REASONS[ExitReason(self.exit_reason)]


@dataclass(frozen=True, slots=True)
class Trades:
    """The latest round trips; the counts and fees are of all of them."""

    latest: tuple[RoundTrip, ...] = ()
    count: int = 0
    wins: int = 0
    fees: Decimal = ZERO

    @property
    def win_fraction(self) -> Decimal | None:
        """None without a trade: no trades is not the same as none won."""
        return Decimal(self.wins) / self.count if self.count else None


def trades(user: User, book: Book) -> Trades:
    """Latest first; one query."""
    own = Trade.objects.of(user).filter(account_id__in=book.account_ids)
    rows: QuerySet[Any] = own.annotate(
        count=Window(Count("pk")),
        wins=Window(Count("pk", filter=Q(pnl__gt=0))),
        all_fees=Window(Sum("fees")),
    )
    found = list(
        rows.order_by("-closed_at", "-id").values_list(
            "id", "instrument__symbol", "instrument__quote", "instrument__price_increment",
            "subscription__version__strategy__name", "mode", "direction", "quantity",
            "entry_price", "exit_price", "fees", "pnl", "exit_reason", "opened_at", "closed_at",
            "count", "wins", "all_fees",
        )[:SHOWN]
    )  # fmt: skip
    if not found:
        return Trades()
    return Trades(tuple(RoundTrip(*row[:-3]) for row in found), *found[0][-3:])
