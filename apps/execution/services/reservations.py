"""Cash set aside for entries on their way. Callers hold the locks of the accounts."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from django.db import connection

from apps.common import bulk, db
from apps.execution.models import Reservation
from trading.matching import still_reserved

Reserved = tuple[int, int, int, str, str, Decimal]


class Part(NamedTuple):
    """Of what an order still had to fill, so much has just filled."""

    before: Decimal
    filled: Decimal


@db.transaction_required
def reserve(rows: Sequence[Reserved]) -> None:
    """Set cash aside; each row is (user, account, order, mode, currency, amount)."""
    bulk.copy_rows(
        Reservation, ("user_id", "account_id", "order_id", "mode", "currency", "amount"), rows
    )
    _change_reserved([(account, currency, amount) for _, account, _, _, currency, amount in rows])


@db.transaction_required
def release(order_ids: Sequence[int], now: datetime) -> None:
    """Give back what is still set aside for these orders; harmless to repeat."""
    if not order_ids:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE execution_reservation SET released_at = %s "
            "WHERE order_id = ANY(%s) AND released_at IS NULL "
            "RETURNING account_id, currency, -amount",
            [now, bulk.as_array(order_ids)],
        )
        released = cursor.fetchall()
    _change_reserved(released)


@db.transaction_required
def shrink(parts: Mapping[int, Part]) -> None:
    """Give back, of what is set aside for these orders, the part that has been spent."""
    if not parts:
        return
    open_now = Reservation.objects.filter(order_id__any_of=list(parts), released_at=None)
    amounts, changes = [], []
    for pk, order, account, currency, amount in open_now.values_list(
        "pk", "order_id", "account_id", "currency", "amount"
    ):
        part = parts[order]
        stays = still_reserved(amount, part.before - part.filled, part.before)
        amounts.append((pk, stays))
        changes.append((account, currency, stays - amount))
    bulk.update_rows(Reservation, ("amount",), amounts)
    _change_reserved(changes)


def _change_reserved(changes: Sequence[tuple[int, str, Decimal]]) -> None:
    if not changes:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE execution_balance AS target SET reserved = target.reserved + change.amount "
            "FROM (SELECT account_id, currency, sum(amount) AS amount FROM "
            "unnest(%s::bigint[], %s::text[], %s::numeric[]) AS each(account_id, currency, amount) "
            "GROUP BY 1, 2) AS change WHERE target.account_id = change.account_id "
            "AND target.currency = change.currency",
            [bulk.as_array(values) for values in zip(*changes, strict=True)],
        )
