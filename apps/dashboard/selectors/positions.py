from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import F, OuterRef, Subquery

from apps.accounts.models import User
from apps.common.numbers import places_of
from apps.dashboard.selectors.books import Book
from apps.execution.models import NakedSpell, Order, Position
from apps.execution.protected import protections
from trading.money import ZERO
from trading.orders import OPEN, PROTECTIVE, Leg
from trading.protected import Protection
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
    "naked_since": "naked_since",
}
QUANTITY = list(COLUMNS).index("quantity")


@dataclass(frozen=True, slots=True)
class OpenPosition:
    """`last`, and what follows from it, is None where no price is known. `naked_since` is on the
    wall clock, as the exit monitor has found it. `decision` is the receipt
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
    naked_since: datetime | None = None
    stop: Decimal | None = None
    is_stop_ours: bool = False
    target: Decimal | None = None
    liquidation: Decimal | None = None
    decision: int | None = None
    last: Decimal | None = None
    protection: Protection | None = None

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
    def naked(self) -> int:
        return sum(1 for position in self.open if position.naked_since is not None)

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


def with_protection(user: User, held: Positions) -> Positions:
    """The same, with what protects each; three queries where something is held."""
    if not held.open:
        return held
    own = Position.objects.of(user).filter(pk__in=[position.id for position in held.open])
    found = protections(own)
    return replace(
        held,
        open=tuple(replace(position, protection=found.get(position.id)) for position in held.open),
    )


def positions(user: User, book: Book) -> Positions:
    """Newest first, without prices; two queries, the second where something is held."""
    own = Position.objects.of(user).filter(account_id__in=book.account_ids)
    naked = NakedSpell.objects.of(user).filter(position=OuterRef("pk"), ended_at=None)
    told = own.annotate(naked_since=Subquery(naked.values("began_at")[:1]))
    rows = list(
        told.order_by(F("opened_at").desc(nulls_last=True), "id").values_list(
            *COLUMNS.values(), "realised_pnl", "fees"
        )
    )
    held = [OpenPosition(*columns) for *columns, _, _ in rows if columns[QUANTITY]]
    beside = _standing(user, book, {position.instrument_id for position in held})
    return Positions(
        tuple(
            replace(position, **beside.get((position.subscription_id, position.instrument_id), {}))
            for position in held
        ),
        realised_before_fees=sum((pnl for *_, pnl, _ in rows), ZERO),
        fees_of_open=sum((paid for *_, paid in rows), ZERO),
    )


def _standing(
    user: User, book: Book, instrument_ids: Collection[int]
) -> dict[tuple[int, int], dict[str, Any]]:
    """Of the orders that stand beside positions, by subscription and instrument: the price of each
    leg by its name, and the receipt of the entry. One query: with three of them as parts of
    another, most of the time went into writing that one.
    """
    if not instrument_ids:
        return {}
    orders = Order.objects.of(user).filter(
        account_id__in=book.account_ids,
        instrument_id__in=instrument_ids,
        leg__in=sorted(PROTECTIVE),
        status__in=sorted(OPEN),
    )
    found: dict[tuple[int, int], dict[str, Any]] = {}
    rows = orders.order_by("-id").values_list(
        "subscription_id", "instrument_id", "leg", "trigger_price", "limit_price", "decision_id",
        "held_by_us",
    )  # fmt: skip
    for subscription, instrument, leg, trigger, limit, decision, is_ours in rows:
        beside = found.setdefault((subscription, instrument), {})
        beside[leg] = limit if leg == Leg.TARGET else trigger
        if leg == Leg.STOP:
            beside["is_stop_ours"] = is_ours
        if decision is not None:
            beside["decision"] = decision
    return found
