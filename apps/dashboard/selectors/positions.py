from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import F, OuterRef, QuerySet, Subquery

from apps.accounts.models import User
from apps.dashboard.numbers import places_of
from apps.dashboard.selectors.books import Book
from apps.execution.models import Order, Position
from trading.margin import locked
from trading.money import ZERO
from trading.orders import OPEN, PROTECTIVE, Leg
from trading.signals import Direction

COLUMNS = {
    "id": "id",
    "subscription_id": "subscription_id",
    "instrument_id": "instrument_id",
    "symbol": "instrument__symbol",
    "currency": "instrument__quote",
    "price_increment": "instrument__price_increment",
    "strategy": "subscription__version__strategy__name",
    "mode": "mode",
    "quantity": "quantity",
    "cost": "cost",
    "opened_at": "opened_at",
    "initial_margin": "instrument__initial_margin",
    "stop": "stop",
    "target": "target",
    "liquidation": "liquidation",
    "decision": "decision",
}


@dataclass(frozen=True, slots=True)
class OpenPosition:
    """`last`, and what follows from it, is None where no price is known. `decision` is the receipt
    of the entry; it is known while one of its exits stands. `liquidation` is where the venue closes
    a short.
    """

    id: int
    subscription_id: int
    instrument_id: int
    symbol: str
    currency: str
    price_increment: Decimal
    strategy: str
    mode: str
    quantity: Decimal
    cost: Decimal
    opened_at: datetime | None
    initial_margin: Decimal
    stop: Decimal | None
    target: Decimal | None
    liquidation: Decimal | None
    decision: int | None
    last: Decimal | None = None

    @property
    def price_places(self) -> int:
        return places_of(self.price_increment)

    @property
    def direction(self) -> Direction:
        return Direction.LONG if self.quantity > 0 else Direction.SHORT

    @property
    def average_entry(self) -> Decimal:
        return self.cost / self.quantity

    @property
    def locked(self) -> Decimal:
        """Of the cash: what a short keeps."""
        return locked(self.cost, self.initial_margin)

    @property
    def value(self) -> Decimal | None:
        return None if self.last is None else self.quantity * self.last

    @property
    def unrealised_pnl(self) -> Decimal | None:
        """Before the fee of leaving."""
        return None if self.value is None else self.value - self.cost

    @property
    def unrealised_fraction(self) -> Decimal | None:
        return None if self.unrealised_pnl is None else self.unrealised_pnl / abs(self.cost)


@dataclass(frozen=True, slots=True)
class Positions:
    """What is held now, and what all positions, the closed ones too, have realised."""

    open: tuple[OpenPosition, ...]
    realised_before_fees: Decimal
    fees_of_open: Decimal

    @property
    def locked(self) -> Decimal:
        """Of the cash: what the shorts keep."""
        return sum((held.locked for held in self.open), ZERO)

    def held(self) -> dict[int, Decimal]:
        """Signed quantities by instrument, over all subscriptions."""
        found: dict[int, Decimal] = {}
        for position in self.open:
            before = found.get(position.instrument_id, ZERO)
            found[position.instrument_id] = before + position.quantity
        return found

    def priced(self, prices: Mapping[int, Decimal | None]) -> "Positions":
        """The same, with the last price of each instrument."""
        found = (replace(held, last=prices.get(held.instrument_id)) for held in self.open)
        return replace(self, open=tuple(found))


def positions(user: User, book: Book) -> Positions:
    """Newest first, without prices; one query."""
    own = Position.objects.of(user).filter(account_id__in=book.account_ids)
    rows: QuerySet[Any] = own.annotate(
        stop=_standing("trigger_price", leg=Leg.STOP),
        target=_standing("limit_price", leg=Leg.TARGET),
        liquidation=_standing("trigger_price", leg=Leg.LIQUIDATION),
        decision=_standing("decision_id", decision__isnull=False),
    )
    found, realised, fees = [], ZERO, ZERO
    for *columns, pnl, paid in rows.order_by(
        F("opened_at").desc(nulls_last=True), "id"
    ).values_list(*COLUMNS.values(), "realised_pnl", "fees"):
        held = OpenPosition(*columns)
        realised, fees = realised + pnl, fees + paid
        if held.quantity:
            found.append(held)
    return Positions(tuple(found), realised, fees)


def _standing(column: str, **conditions: Any) -> Subquery:
    """Of an order that stands beside the position."""
    orders = Order.objects.filter(
        account=OuterRef("account"),
        subscription=OuterRef("subscription"),
        instrument=OuterRef("instrument"),
        leg__in=sorted(PROTECTIVE),
        status__in=sorted(OPEN),
    )
    return Subquery(orders.filter(**conditions).values(column)[:1])
