"""Step 2: the exits that we hold ourselves. An Exit stands where a Decision stands for a signal."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from apps.common import bulk, db
from apps.execution.models import Exit, Order, Position
from apps.execution.rows import new_order
from apps.execution.services.accounts import lock_accounts
from apps.execution.services.cancelling import stop_entering
from apps.execution.services.closes import Close
from apps.execution.services.orders import write_orders
from apps.risk import selectors as risk
from trading.exits import ExitReason, closing_side
from trading.gates.values import TradingState
from trading.orders import OPEN, Leg, OrderType, client_order_id
from trading.signals import Direction


class Held(NamedTuple):
    id: int
    user_id: int
    account_id: int
    subscription_id: int
    instrument_id: int
    mode: str
    quantity: Decimal
    trade_sequence: int
    strategy_id: int


@db.transaction
def leave(close: Close) -> int:
    """Write an exit at market for every position whose trading state is LIQUIDATING. Unique per
    round trip, so a second time changes nothing; the number written.
    """
    states = risk.trading_states()
    if states.strictest < TradingState.LIQUIDATING:
        return 0
    positions = Position.objects.filter(instrument__venue_id=close.venue).exclude(quantity=0)
    open_now = [
        Held(*row)
        for row in positions.order_by("id").values_list(
            *Held._fields[:-1], "subscription__version__strategy_id"
        )
    ]
    doomed = [
        held
        for held in open_now
        if states.of(held.user_id, held.strategy_id) is TradingState.LIQUIDATING
    ]
    lock_accounts(held.account_id for held in doomed)
    return _write(_not_leaving(doomed), close.time)


def _not_leaving(positions: Sequence[Held]) -> list[Held]:
    leaving = set(
        Order.objects.filter(
            subscription_id__any_of={held.subscription_id for held in positions},
            leg=Leg.EXIT,
            status__in=sorted(OPEN),
        ).values_list("subscription_id", "instrument_id")
    )
    done = set(
        Exit.objects.filter(
            position_id__any_of={held.id for held in positions}, cause=ExitReason.LIQUIDATION
        ).values_list("position_id", "sequence")
    )
    return [
        held
        for held in positions
        if (held.subscription_id, held.instrument_id) not in leaving
        and (held.id, held.trade_sequence) not in done
    ]


def _write(positions: Sequence[Held], now: datetime) -> int:
    stop_entering(((held.subscription_id, held.instrument_id) for held in positions), now)
    ids = bulk.take_ids(Exit, len(positions))
    bulk.copy_rows(
        Exit,
        ("id", "user_id", "position_id", "cause", "level", "sequence", "decided_at"),
        (
            (pk, held.user_id, held.id, ExitReason.LIQUIDATION.value, 0, held.trade_sequence, now)
            for pk, held in zip(ids, positions, strict=True)
        ),
    )
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
                side=closing_side(Direction.LONG if held.quantity > 0 else Direction.SHORT).value,
                order_type=OrderType.MARKET.value,
                quantity=abs(held.quantity),
                reduce_only=True,
                active_from=now,
            )
            for pk, held in zip(ids, positions, strict=True)
        ]
    )
    return len(positions)
