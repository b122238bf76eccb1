"""The rows of exits that we decide ourselves: an Exit stands where a Decision stands for a signal,
and its order closes at market."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from apps.common import bulk, db
from apps.execution.models import Exit, Order
from apps.execution.rows import OrderRow, new_order
from apps.execution.services.cancelling import Key, stop_entering
from apps.execution.services.orders import write_orders
from apps.risk import services as risk
from trading.exits import ExitReason, closing_side
from trading.orders import OPEN, Leg, OrderType, client_order_id
from trading.signals import Direction

COLUMNS = (
    "id", "user_id", "position_id", "cause", "level", "attempt", "by", "sequence", "decided_at",
)  # fmt: skip


A_SIGNAL, ITS_STOP = "a signal", "its stop"
"""Who wants to leave what a switch is closing, where nobody is named."""
SWITCH_RESET = "SWITCH_RESET"
"""The reason of an exit that only a switch asked for, and that was let go with it."""


class Held(NamedTuple):
    """A position that is open; `quantity` is signed."""

    id: int
    user_id: int
    account_id: int
    subscription_id: int
    instrument_id: int
    mode: str
    quantity: Decimal
    trade_sequence: int

    @property
    def key(self) -> Key:
        return self.subscription_id, self.instrument_id

    @property
    def direction(self) -> Direction:
        return Direction.LONG if self.quantity > 0 else Direction.SHORT


class Leaving(NamedTuple):
    """So much of a position (not signed) is to be closed at market, and why."""

    held: Held
    quantity: Decimal
    cause: ExitReason
    level: int = 0
    attempt: int = 0
    by: str = ""


def leaving_whole(positions: Collection[Held]) -> set[Key]:
    """Those of which an exit on its way closes all that is held."""
    held = {position.key: abs(position.quantity) for position in positions}
    working = Order.objects.filter(
        subscription_id__any_of={subscription for subscription, _ in held},
        leg=Leg.EXIT,
        status__in=sorted(OPEN),
    ).values_list("subscription_id", "instrument_id", "quantity", "filled_quantity")
    return {
        (subscription, instrument)
        for subscription, instrument, quantity, filled in working
        if (subscription, instrument) in held
        and quantity - filled >= held[subscription, instrument]
    }


def left_from(positions: Collection[Key]) -> dict[Key, datetime]:
    """From when on the last of the exits on their way fills, of those positions that have one."""
    if not positions:
        return {}
    working = Order.objects.filter(
        subscription_id__any_of={subscription for subscription, _ in positions},
        leg=Leg.EXIT,
        status__in=sorted(OPEN),
    ).values_list("subscription_id", "instrument_id", "active_from")
    found: dict[Key, datetime] = {}
    for subscription, instrument, active_from in working:
        key = (subscription, instrument)
        if key in positions:
            found[key] = max(active_from, found.get(key, active_from))
    return found


@db.transaction_required
def want_too(positions: Iterable[Key], by: str) -> None:
    """Somebody else wants to leave these whole. Where the exit on its way is a switch's it is
    theirs from now on too: reset, the switch does not take it back."""
    wanted = set(positions)
    if not wanted:
        return
    rows = Order.objects.filter(
        subscription_id__any_of={subscription for subscription, _ in wanted},
        leg=Leg.EXIT,
        status__in=sorted(OPEN),
        exit__cause=ExitReason.LIQUIDATION,
        exit__by="",
    ).values_list("exit_id", "subscription_id", "instrument_id")
    theirs = [pk for pk, *key in rows if tuple(key) in wanted]
    Exit.objects.filter(pk__any_of=theirs).update(by=by)


@db.transaction_required
def write_exits(going: Sequence[Leaving], now: datetime, begins: datetime | None = None) -> None:
    """The exits and their orders, which fill from `begins` on (None = `now`); what still enters
    these positions is stopped. The caller holds the locks of the accounts."""
    if not going:
        return
    stop_entering((leaving.held.key for leaving in going), now)
    ids = bulk.take_ids(Exit, len(going))
    bulk.copy_rows(Exit, COLUMNS, _rows(zip(ids, going, strict=True), now))
    begins = begins or now
    write_orders([_at_market(pk, each, begins) for pk, each in zip(ids, going, strict=True)])


@db.transaction_required
def stay_out(closing: Iterable[Held], now: datetime, said_at: datetime) -> None:
    """Somebody closes these positions by hand: what was to turn one that is leaving already is
    stopped, and nothing enters so soon after `said_at`."""
    closing = list(closing)
    stop_entering((held.key for held in closing), now)
    cool_down(closing, said_at)


@db.transaction_required
def cool_down(left: Iterable[Held | OrderRow], now: datetime) -> None:
    """From the word on, not only from the fill: an exit waits for its candle, and until then
    strategies are decided."""
    risk.cool_down(
        {risk.Closed(row.user_id, row.account_id, row.instrument_id, row.mode): now for row in left}
    )


def _rows(
    going: Iterable[tuple[int, Leaving]], now: datetime
) -> Iterable[tuple[int | str | datetime, ...]]:
    for pk, (held, _, cause, level, attempt, by) in going:
        yield (
            pk, held.user_id, held.id, cause.value, level, attempt, by, held.trade_sequence, now,
        )  # fmt: skip


def _at_market(pk: int, leaving: Leaving, begins: datetime) -> OrderRow:
    held = leaving.held
    return new_order(
        user_id=held.user_id,
        account_id=held.account_id,
        subscription_id=held.subscription_id,
        instrument_id=held.instrument_id,
        exit_id=pk,
        leg=Leg.EXIT.value,
        mode=held.mode,
        client_order_id=client_order_id(f"exit:{pk}", Leg.EXIT),
        side=closing_side(held.direction).value,
        order_type=OrderType.MARKET.value,
        quantity=leaving.quantity,
        reduce_only=True,
        active_from=begins,
    )
