"""Step 2: the exits that we hold ourselves. An Exit stands where a Decision stands for a signal."""

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from apps.common import bulk, db
from apps.execution.models import Exit, Order, Position
from apps.execution.rows import new_order
from apps.execution.services.accounts import lock_accounts
from apps.execution.services.cancelling import Key, stop_entering
from apps.execution.services.closes import Close
from apps.execution.services.orders import write_orders
from apps.market.selectors import market_now
from apps.risk import selectors as risk
from trading.exits import ExitReason, closing_side
from trading.gates.values import TradingState
from trading.orders import OPEN, Leg, OrderType, client_order_id
from trading.signals import Direction


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


def leave(close: Close) -> int:
    """Write an exit at market for every position at the venue whose trading state is LIQUIDATING;
    the number written. One that is leaving already is left alone, so it is harmless to repeat.
    """
    return _leave(close.venue, close.time)


def flatten() -> int:
    """The same at every venue, without waiting for a candle, each on the clock of its venue."""
    states = risk.trading_states()
    if states.strictest < TradingState.LIQUIDATING:
        return 0
    doomed = Position.objects.filter(states.where(TradingState.LIQUIDATING)).exclude(quantity=0)
    venues = doomed.order_by("instrument__venue_id").values_list("instrument__venue_id", flat=True)
    return sum(_leave(venue, market_now(venue)) for venue in venues.distinct())


@db.transaction
def _leave(venue: str, now: datetime) -> int:
    states = risk.trading_states()
    if states.strictest < TradingState.LIQUIDATING:
        return 0
    doomed = Position.objects.filter(
        states.where(TradingState.LIQUIDATING), instrument__venue_id=venue
    ).exclude(quantity=0)
    found = list(doomed.values_list("pk", "account_id"))
    if not found:
        return 0
    lock_accounts(account for _, account in found)
    still_open = Position.objects.filter(pk__any_of=[pk for pk, _ in found]).exclude(quantity=0)
    held = [Held(*row) for row in still_open.order_by("id").values_list(*Held._fields)]
    going = _not_leaving(held, now)
    write_exits(going, now)
    return len(going)


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


def _not_leaving(positions: Sequence[Held], now: datetime) -> list[Leaving]:
    """An exit whose order has ended and left something is followed by another, at the earliest at
    the venue's next moment: what is refused there is not asked for without end."""
    leaving = leaving_whole(positions)
    earlier = Exit.objects.filter(
        position_id__any_of={held.id for held in positions}, cause=ExitReason.LIQUIDATION
    )
    working = Order.objects.filter(exit__in=earlier, status__in=sorted(OPEN))
    busy = set(working.values_list("exit__position_id", flat=True))
    attempts: Counter[tuple[int, int]] = Counter()
    for position, sequence, decided_at in earlier.values_list(
        "position_id", "sequence", "decided_at"
    ):
        attempts[position, sequence] += 1
        if decided_at >= now:
            busy.add(position)
    return [
        Leaving(
            held, abs(held.quantity), ExitReason.LIQUIDATION,
            attempt=attempts[held.id, held.trade_sequence],
        )
        for held in positions
        if held.key not in leaving and held.id not in busy
    ]  # fmt: skip


@db.transaction_required
def write_exits(going: Sequence[Leaving], now: datetime) -> None:
    """The exits and their orders; what still enters these positions is stopped. The caller holds
    the locks of the accounts."""
    if not going:
        return
    stop_entering((leaving.held.key for leaving in going), now)
    ids = bulk.take_ids(Exit, len(going))
    bulk.copy_rows(
        Exit,
        (
            "id", "user_id", "position_id", "cause", "level", "attempt", "by", "sequence",
            "decided_at",
        ),
        (
            (
                pk, held.user_id, held.id, cause.value, level, attempt, by, held.trade_sequence,
                now,
            )
            for pk, (held, _, cause, level, attempt, by) in zip(ids, going, strict=True)
        ),
    )  # fmt: skip
    write_orders(
        [
            new_order(
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
                quantity=quantity,
                reduce_only=True,
                active_from=now,
            )
            for pk, (held, quantity, *_) in zip(ids, going, strict=True)
        ]
    )
