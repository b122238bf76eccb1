"""Fills, trades and the journal, written by the thousand."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple, Self

from django.db import connection

from apps.common import bulk, db
from apps.execution.models import Fill, JournalEntry, Posting, Trade
from apps.execution.rows import OrderRow
from apps.execution.services.positions import Key, PositionRow
from trading.exits import ExitReason
from trading.ledger import Account, RoundTrip
from trading.ledger import Posting as Line
from trading.orders import FillReport


class FillRow(NamedTuple):
    user_id: int
    account_id: int
    order_id: int
    subscription_id: int
    instrument_id: int
    mode: str
    venue_trade_id: str
    side: str
    quantity: Decimal
    price: Decimal
    commission: Decimal
    is_maker: bool
    filled_at: datetime

    @classmethod
    def of(cls, order: OrderRow, fill: FillReport) -> Self:
        return cls(
            order.user_id, order.account_id, order.id, order.subscription_id, order.instrument_id,
            order.mode, fill.venue_trade_id, fill.side.value, fill.quantity, fill.price,
            fill.commission, fill.is_maker, fill.filled_at,
        )  # fmt: skip


class TradeRow(NamedTuple):
    user_id: int
    account_id: int
    subscription_id: int
    instrument_id: int
    sequence: int
    mode: str
    direction: str
    quantity: Decimal
    entry_price: Decimal
    exit_price: Decimal
    fees: Decimal
    funding: Decimal
    pnl: Decimal
    exit_reason: str
    opened_at: datetime
    closed_at: datetime

    @classmethod
    def of(
        cls, position: PositionRow, order: OrderRow, trip: RoundTrip, reason: ExitReason
    ) -> Self:
        return cls(
            order.user_id, order.account_id, order.subscription_id, order.instrument_id,
            position.trade_sequence, order.mode, trip.direction.value, trip.quantity,
            trip.entry_price, trip.exit_price, trip.fees, trip.funding, trip.pnl,
            reason.value, trip.opened_at, trip.closed_at,
        )  # fmt: skip


class Entry(NamedTuple):
    """A fact as it enters the journal."""

    user_id: int
    account_id: int
    mode: str
    currency: str
    happened_at: datetime
    lines: tuple[Line, ...]

    @classmethod
    def of(cls, order: OrderRow, currency: str, fill: FillReport, lines: tuple[Line, ...]) -> Self:
        return cls(order.user_id, order.account_id, order.mode, currency, fill.filled_at, lines)


@db.transaction_required
def write_fills(rows: Sequence[FillRow]) -> list[int]:
    """Their ids, in the same order."""
    ids = bulk.take_ids(Fill, len(rows))
    bulk.copy_rows(
        Fill, ("id", *FillRow._fields), ((pk, *row) for pk, row in zip(ids, rows, strict=True))
    )
    return ids


@db.transaction_required
def write_trades(rows: Sequence[TradeRow], position_ids: dict[Key, int]) -> None:
    bulk.copy_rows(
        Trade,
        (*TradeRow._fields, "position_id"),
        ((*row, position_ids[row.subscription_id, row.instrument_id]) for row in rows),
    )


@db.transaction_required
def write_journal(
    kind: JournalEntry.Kind, entries: Sequence[Entry], sources: Sequence[int]
) -> None:
    """One entry for each fact (a row of the kind's own table), its postings, and the cash of the
    accounts."""
    if not entries:
        return
    ids = bulk.take_ids(JournalEntry, len(entries))
    bulk.copy_rows(
        JournalEntry,
        ("id", "user_id", "account_id", "kind", "mode", f"{kind.value}_id", "happened_at"),
        (
            (pk, entry.user_id, entry.account_id, kind.value, entry.mode, source, entry.happened_at)
            for pk, source, entry in zip(ids, sources, entries, strict=True)
        ),
    )
    bulk.copy_rows(
        Posting,
        ("user_id", "entry_id", "account_id", "mode", "ledger_account", "currency", "amount"),
        (
            (entry.user_id, pk, entry.account_id, entry.mode, line.account.value, entry.currency,
             line.amount)
            for pk, entry in zip(ids, entries, strict=True)
            for line in entry.lines
        ),
    )  # fmt: skip
    _move_cash(entries)


def _move_cash(entries: Sequence[Entry]) -> None:
    moves: dict[tuple[int, str], Decimal] = {}
    for entry in entries:
        key = (entry.account_id, entry.currency)
        for line in entry.lines:
            if line.account is Account.CASH:
                moves[key] = moves.get(key, Decimal(0)) + line.amount
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE execution_balance AS target SET cash = target.cash + move.amount "
            "FROM unnest(%s::bigint[], %s::text[], %s::numeric[]) "
            "AS move(account_id, currency, amount) "
            "WHERE target.account_id = move.account_id AND target.currency = move.currency",
            [
                bulk.as_array(account for account, _ in moves),
                [currency for _, currency in moves],
                bulk.as_array(moves.values()),
            ],
        )
