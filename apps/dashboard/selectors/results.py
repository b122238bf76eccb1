"""What the closed trades of a book have come to."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import F, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from apps.accounts.models import User
from apps.common.fields import MoneyField
from apps.dashboard.selectors.books import Book
from apps.execution.models import Fill, JournalEntry, Posting, Trade
from apps.strategies.models import StrategySubscription
from trading.ledger import Account
from trading.money import ZERO
from trading.performance import ClosedTrade, Flow, Performance, performance


@dataclass(frozen=True, slots=True)
class Results:
    """`trades` are by the time of their close, `flows` what was paid in and out; both since."""

    trades: list[ClosedTrade]
    flows: list[Flow]
    start: Decimal  # realised equity before
    performance: Performance


def results(user: User, book: Book, since: datetime | None = None) -> Results:
    """Of the trades closed after `since`; three queries."""
    after = Q() if since is None else Q(closed_at__gt=since)
    own = Trade.objects.of(user).filter(account_id__in=book.account_ids)
    rows = own.filter(after).order_by("closed_at", "id")
    trades = [
        ClosedTrade(*row) for row in rows.values_list("opened_at", "closed_at", "pnl", "fees")
    ]
    before: Decimal = ZERO
    if since is not None:
        before = own.filter(closed_at__lte=since).aggregate(pnl=Sum("pnl"))["pnl"] or ZERO
    paid = paid_flows(user, book)
    flows = [flow for flow in paid if since is None or flow.at > since]
    start = before + sum((flow.amount for flow in paid), ZERO)
    start -= sum((flow.amount for flow in flows), ZERO)
    return Results(trades, flows, start, performance(trades, flows, start=start, until=book.now))


def volume(user: User, book: Book) -> Decimal:
    """What was bought and sold, at its prices."""
    fills = Fill.objects.of(user).filter(account_id__in=book.account_ids)
    traded = fills.aggregate(total=Sum(F("quantity") * F("price"), output_field=MoneyField()))
    found: Decimal = traded["total"] or ZERO
    return found


@dataclass(frozen=True, slots=True)
class Allowed:
    """By the subscriptions that run; None where none does."""

    max_positions: int | None
    leverage: Decimal | None


def allowed(user: User, book: Book) -> Allowed:
    rows: QuerySet[Any] = StrategySubscription.objects.of(user).filter(
        account_id__in=book.account_ids, ended_at=None, is_paused=False, is_by_hand=False
    )
    found = list(
        rows.values_list(
            Coalesce("max_positions", "version__max_positions"),
            Coalesce("leverage", "version__leverage"),
        )
    )
    if not found:
        return Allowed(None, None)
    return Allowed(sum(count for count, _ in found), max(leverage for _, leverage in found))


def paid_flows(user: User, book: Book) -> list[Flow]:
    """Deposits, and withdrawals below zero, in the order of time; one query."""
    postings = Posting.objects.of(user).filter(
        account_id__in=book.account_ids, ledger_account=Account.CASH
    )
    paid = postings.exclude(entry__kind__in=JournalEntry.OF_TRADING).order_by("entry__happened_at")
    return [Flow(*row) for row in paid.values_list("entry__happened_at", "amount")]
