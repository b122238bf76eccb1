"""What protects positions now: read for any number of them in three queries."""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import NamedTuple

from django.db import connection
from django.db.models import F, OuterRef, QuerySet, Subquery

from apps.common.models import Mode
from apps.execution.models import Order, Position
from apps.execution.price_watch import watched
from apps.market.models import Instrument
from trading.exit_policy import is_dust
from trading.exits import closing_side
from trading.instruments import InstrumentRules
from trading.orders import OPEN, PROTECTIVE, Leg
from trading.protected import Beside, Flaw, Protection, protection_of
from trading.signals import Direction

BESIDE = frozenset({*PROTECTIVE, Leg.EXIT})


class Guarded(NamedTuple):
    """An open position; `quantity` is signed, `cost` too."""

    id: int
    user_id: int
    account_id: int
    subscription_id: int
    instrument_id: int
    mode: str
    quantity: Decimal
    cost: Decimal
    trade_sequence: int

    @property
    def key(self) -> tuple[int, int]:
        return self.subscription_id, self.instrument_id

    @property
    def direction(self) -> Direction:
        return Direction.LONG if self.quantity > 0 else Direction.SHORT

    def is_dust(self, rules: InstrumentRules) -> bool:
        """By what it cost: that is known where no price is."""
        return is_dust(abs(self.quantity), self.cost / self.quantity, rules)


def is_stuck(mode: str, quantity: Decimal, cost: Decimal, rules: InstrumentRules) -> bool:
    """Whether it is dust that no exit can close; the paper venue takes what is too small, if it
    only closes."""
    return mode != Mode.PAPER and is_dust(abs(quantity), cost / quantity, rules)


def protections(positions: QuerySet[Position]) -> dict[int, Protection]:
    """By position, of those that are open."""
    return {held.id: found for held, found, _ in examined(positions)}


class Examined(NamedTuple):
    """`entry` is the order that opened it; None = it is not known."""

    held: Guarded
    protection: Protection
    entry: int | None


def examined(positions: QuerySet[Position]) -> list[Examined]:
    """By position, of those that are open."""
    entries = Order.objects.filter(
        subscription=OuterRef("subscription"),
        instrument=OuterRef("instrument"),
        leg=Leg.ENTRY,
        filled_quantity__gt=0,
    ).order_by("-id")
    rows = (
        positions.exclude(quantity=0)
        .annotate(
            entry_id=Subquery(entries.values("pk")[:1]),
            entry_side=Subquery(entries.values("side")[:1]),
            entry_stop=Subquery(entries.values("stop_price")[:1]),
        )
        .order_by("id")
        .values_list(*Guarded._fields, "entry_id", "entry_side", "entry_stop")
    )
    found = [(Guarded(*columns), entry, side, stop) for *columns, entry, side, stop in rows]
    if not found:
        return []
    guarded = [held for held, *_ in found]
    rules = rules_of({held.instrument_id for held in guarded})
    beside = _beside({held.subscription_id for held in guarded})
    looked_after = _watched(beside)
    return [
        Examined(
            held,
            protection_of(
                held.quantity,
                beside.get(held.key, ()),
                # The last entry, where it was the other way round, opened something else.
                asks_for_stop=stop is not None if _opened(held, side) else None,
                is_dust=held.is_dust(rules[held.instrument_id]),
                is_watched=held.instrument_id in looked_after,
            ),
            entry if _opened(held, side) else None,
        )
        for held, entry, side, stop in found
    ]


class Difference(NamedTuple):
    position_id: int
    flaw: Flaw
    held: Decimal
    stopped: Decimal


def protection_differences() -> Iterator[Difference]:
    """Every open position whose stops are not what they are to be, and every flat one beside which
    an order still stands."""
    for held, protection, _ in examined(Position.objects.all()):
        for flaw in protection.flaws:
            yield Difference(held.id, flaw, held.quantity, protection.stopped)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT position.id, sum(placed.quantity - placed.filled_quantity) "
            "FROM execution_order AS placed JOIN execution_position AS position "
            "USING (subscription_id, instrument_id) WHERE placed.status = ANY(%s) "
            "AND placed.leg = ANY(%s) AND position.quantity = 0 GROUP BY 1 ORDER BY 1",
            [sorted(OPEN), sorted(BESIDE)],
        )
        for position, left in cursor.fetchall():
            yield Difference(position, Flaw.TOO_MUCH, Decimal(0), left)


def _opened(held: Guarded, side: str | None) -> bool:
    return side is not None and side != closing_side(held.direction)


def rules_of(instrument_ids: set[int]) -> dict[int, InstrumentRules]:
    rows = Instrument.objects.filter(pk__any_of=instrument_ids)
    return {instrument.pk: instrument.rules for instrument in rows}


def _beside(subscription_ids: set[int]) -> Mapping[tuple[int, int], list[Beside]]:
    rows = Order.objects.filter(
        subscription_id__any_of=subscription_ids,
        leg__in=sorted(BESIDE),
        status__in=sorted(OPEN),
    ).values_list(
        "subscription_id", "instrument_id", "leg", "side", "status",
        F("quantity") - F("filled_quantity"), "held_by_us",
    )  # fmt: skip
    found: dict[tuple[int, int], list[Beside]] = {}
    for subscription, instrument, *columns in rows:
        found.setdefault((subscription, instrument), []).append(Beside(*columns))
    return found


def _watched(beside: Mapping[tuple[int, int], Iterable[Beside]]) -> set[int]:
    """The instruments of stops that are held by us, and looked after."""
    ours = {
        instrument
        for (_, instrument), orders in beside.items()
        if any(order.is_held_by_us for order in orders)
    }
    return watched(ours) if ours else set()
