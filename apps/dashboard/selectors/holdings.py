"""What a book is worth now, and what it holds at its last prices. What the page shows beside that,
of the day and of the past, is not read for it (desk.py).
"""

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Sum

from apps.accounts.models import User
from apps.dashboard.selectors.books import Book
from apps.dashboard.selectors.cards import total
from apps.dashboard.selectors.closes import closes_at
from apps.dashboard.selectors.positions import OpenPosition, positions, with_protection
from apps.execution.models import Position


@dataclass(frozen=True, slots=True)
class Worth:
    """None where something that is held has no price."""

    equity: Decimal | None
    open_pnl: Decimal | None


def worth(user: User, book: Book) -> Worth:
    """Two queries."""
    own = Position.objects.of(user).filter(account_id__in=book.account_ids).exclude(quantity=0)
    summed = own.values_list("instrument_id").annotate(Sum("quantity"), Sum("cost")).order_by()
    rows = list(summed)
    prices = _last_prices([pk for pk, _, _ in rows], book)
    values = [
        None if (price := prices[pk]) is None else quantity * price for pk, quantity, _ in rows
    ]
    costs = [-cost for _, _, cost in rows]
    return Worth(total([book.cash, *values]), total([*values, *costs]))


def holdings(user: User, book: Book) -> tuple[OpenPosition, ...]:
    """The open positions, newest first; six queries."""
    held = with_protection(user, positions(user, book))
    return held.priced(_last_prices(sorted(held.held()), book)).open


def _last_prices(instrument_ids: list[int], book: Book) -> dict[int, Decimal | None]:
    closes = closes_at(instrument_ids, book.finest, [book.now])
    return {pk: close for pk, (close,) in closes.items()}
