"""Positions, read and written by the thousand."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import NamedTuple, Self

from django.db.models import Q

from apps.common import bulk, db
from apps.execution.models import Position
from apps.execution.rows import OrderRow
from trading.ledger import Applied, PositionState
from trading.money import ZERO

Key = tuple[int, int]

STATE = (
    "quantity", "cost", "entry_quantity", "entry_value", "exit_quantity", "exit_value", "fees",
    "funding", "settled", "lost",
)  # fmt: skip
KEYS = ("user_id", "account_id", "subscription_id", "instrument_id", "mode")


class PositionRow(NamedTuple):
    """`id` is None until it is written."""

    id: int | None
    user_id: int
    account_id: int
    subscription_id: int
    instrument_id: int
    mode: str
    state: PositionState
    realised_pnl: Decimal
    trade_sequence: int

    @classmethod
    def new(cls, order: OrderRow) -> Self:
        return cls(
            None, order.user_id, order.account_id, order.subscription_id, order.instrument_id,
            order.mode, PositionState(), ZERO, 0,
        )  # fmt: skip

    def after(self, applied: Applied) -> Self:
        """The row after a fill; opening from flat begins the next round trip."""
        begins = not self.state.quantity
        return self._replace(
            state=applied.position,
            realised_pnl=self.realised_pnl + applied.realised,
            trade_sequence=self.trade_sequence + (1 if begins else 0),
        )

    def funded(self, state: PositionState, amount: Decimal) -> Self:
        return self._replace(state=state, realised_pnl=self.realised_pnl + amount)

    def values(self) -> tuple[object, ...]:
        state = self.state
        numbers = tuple(getattr(state, name) for name in STATE)
        return (*numbers, state.opened_at, self.realised_pnl, self.trade_sequence)


VALUES = (*STATE, "opened_at", "realised_pnl", "trade_sequence")


def read_positions(subscription_ids: Iterable[int]) -> dict[Key, PositionRow]:
    """Every position of the subscriptions, open or not, by subscription and instrument."""
    rows = Position.objects.filter(subscription_id__any_of=set(subscription_ids)).values_list(
        "id", *KEYS, *STATE, "opened_at", "realised_pnl", "trade_sequence"
    )
    found = {}
    for row in rows:
        pk, user, account, subscription, instrument, mode, *state, realised, sequence = row
        found[subscription, instrument] = PositionRow(
            pk, user, account, subscription, instrument, mode, PositionState(*state), realised,
            sequence,
        )  # fmt: skip
    return found


def still_holding(instrument_ids: Sequence[int]) -> dict[tuple[int, int], list[int]]:
    """Subscriptions that are paused or ended and hold one of the instruments, by version and
    instrument. They open nothing, but what they hold must not be trapped: exits reach them too.
    """
    rows = Position.objects.filter(instrument_id__in=instrument_ids).exclude(quantity=0)
    found: dict[tuple[int, int], list[int]] = {}
    for version, instrument, subscription in rows.filter(
        Q(subscription__is_paused=True) | Q(subscription__ended_at__isnull=False)
    ).values_list("subscription__version_id", "instrument_id", "subscription_id"):
        found.setdefault((version, instrument), []).append(subscription)
    return found


@db.transaction_required
def write_positions(positions: Iterable[PositionRow]) -> dict[Key, int]:
    """Insert the new ones, update the others; their ids by subscription and instrument.

    The caller holds the locks of the accounts.
    """
    ids: dict[Key, int] = {}
    fresh: list[PositionRow] = []
    changed: list[tuple[object, ...]] = []
    for row in positions:
        if row.id is None:
            fresh.append(row)
        else:
            ids[row.subscription_id, row.instrument_id] = row.id
            changed.append((row.id, *row.values()))
    bulk.update_rows(Position, VALUES, changed)
    taken = bulk.take_ids(Position, len(fresh))
    bulk.copy_rows(
        Position,
        ("id", *KEYS, *VALUES),
        ((pk, *row[1:6], *row.values()) for pk, row in zip(taken, fresh, strict=True)),
    )
    for pk, row in zip(taken, fresh, strict=True):
        ids[row.subscription_id, row.instrument_id] = pk
    return ids
