from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from apps.accounts.models import User
from apps.common import db
from apps.dashboard.selectors.books import books
from apps.dashboard.selectors.positions import OpenPosition, positions
from apps.events.selectors import last_sequences, unsealed
from apps.execution.models import Balance
from apps.market import selectors as market
from apps.risk import selectors as risk
from trading.gates.values import TradingState


class AccountRow(NamedTuple):
    id: int
    name: str
    mode: str
    currency: str
    cash: Decimal
    reserved: Decimal


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a user's stream starts from. `sequence` is the last of the user's events by then, and
    `included` are those that come after it although their facts are told here; `clocks` are those
    of the venues.
    """

    sequence: int
    included: Sequence[int]
    read_at: datetime
    clocks: Mapping[str, datetime]
    platform: TradingState
    accounts: Sequence[AccountRow]
    positions: Sequence[OpenPosition]


@db.durable
def read_snapshot(user: User) -> Snapshot:
    """All of it as it was at one moment, the sequence too: no event can fall in between."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        clocks, held = _holdings(user)
        return Snapshot(
            sequence=last_sequences([user.pk]).get(user.pk, 0),
            included=unsealed(user),
            read_at=timezone.now(),
            clocks=clocks,
            platform=risk.trading_states().platform,
            accounts=_accounts(user),
            positions=held,
        )


def _accounts(user: User) -> list[AccountRow]:
    rows = Balance.objects.of(user).filter(currency=F("account__currency")).order_by("account_id")
    return [
        AccountRow(*row)
        for row in rows.values_list(
            "account_id", "account__name", "account__mode", "currency", "cash", "reserved"
        )
    ]


def _holdings(user: User) -> tuple[dict[str, datetime], list[OpenPosition]]:
    """The clocks of the user's venues, and what is held there at its last price."""
    clocks: dict[str, datetime] = {}
    held: list[OpenPosition] = []
    for book in books(user):
        now = clocks.setdefault(book.venue, market.market_now(book.venue))
        found = positions(user, book)
        prices = market.latest_prices(list(found.held()), now)
        held.extend(found.priced(prices).open)
    return clocks, held
