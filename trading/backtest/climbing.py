"""Positions with a ladder: taken down and their stops moved, as trading/exit_policy.py says."""

from dataclasses import replace
from datetime import datetime

from trading.backtest.book import ACCOUNT, Account, Climb, Placed
from trading.candles import Candle
from trading.exit_policy import MOST_ATTEMPTS, Laddered, ToDo, what_is_due
from trading.exits import closing_side
from trading.ledger import PositionState
from trading.orders import Leg, OrderTicket, OrderType
from trading.signals import Direction


def follow(account: Account, order: Placed, filled_at: datetime) -> None:
    """What a fill of this order means to the ladder of its position."""
    now = account.climbs.get(order.instrument)
    if order.rung and now is not None:
        now.done = max(now.done, order.rung)
    elif order.leg is Leg.ENTRY and order.ladder is None:
        account.climbs.pop(order.instrument, None)
    elif order.leg is Leg.ENTRY and order.ladder is not None:
        if now is None or now.decision != order.decision:
            is_inside = order.ticket.order_type is not OrderType.MARKET
            now = Climb(order.decision, order.ladder, is_inside, filled_at)
            account.climbs[order.instrument] = now
        now.last_fill = filled_at


def climb(account: Account, instrument: int, candle: Candle, now: datetime) -> None:
    """Send the exit that is due, and bring the stop nearer."""
    climbing, state = account.climbs[instrument], account.position(instrument)
    stop = _stop(account, climbing.decision)
    said = what_is_due(
        climbing.ladder,
        _standing(account, instrument, climbing, state, stop, candle),
        candle,
        account.rules[instrument],
    )
    tries = climbing.tries.get(said.rung, [])
    # What ended at this very close is tried again at the next.
    if said.quantity and len(tries) < MOST_ATTEMPTS and all(each < now for each in tries):
        climbing.tries[said.rung] = [*tries, now]
        _send(account, instrument, said, state, now)
    if stop is not None and said.stop is not None:
        stop.ticket = replace(stop.ticket, trigger_price=said.stop, active_from=now)


def _standing(
    account: Account,
    instrument: int,
    climbing: Climb,
    state: PositionState,
    stop: Placed | None,
    candle: Candle,
) -> Laddered:
    held = abs(state.quantity)
    exits = [
        order
        for order in account.working.values()
        if order.instrument == instrument and order.leg is Leg.EXIT
    ]
    return Laddered(
        direction=_direction(state),
        quantity=held,
        entry_quantity=state.entry_quantity,
        average_entry=state.entry_value / state.entry_quantity,
        stop=None if stop is None else stop.ticket.trigger_price,
        done=climbing.done,
        is_leaving=any(order.ticket.quantity >= held for order in exits),
        is_stepping=any(order.rung for order in exits),
        is_fresh=climbing.entered_inside and climbing.last_fill >= candle.open_time,
    )


def _stop(account: Account, decision: int) -> Placed | None:
    """The one that may be moved: not a stop that was triggered."""
    for order in account.working.values():
        if order.decision == decision and order.leg is Leg.STOP and not order.ticket.is_triggered:
            return order
    return None


def _send(
    account: Account, instrument: int, said: ToDo, state: PositionState, now: datetime
) -> None:
    account.end(
        name
        for name, order in account.working.items()
        if order.leg is Leg.ENTRY and order.instrument == instrument
    )
    number = account.next_number()
    ticket = OrderTicket(
        client_order_id=f"{number}",
        account=ACCOUNT,
        position=instrument,
        side=closing_side(_direction(state)),
        order_type=OrderType.MARKET,
        quantity=said.quantity,
        reduce_only=True,
        active_from=now,
    )
    account.place(Placed(number, ticket, Leg.EXIT, instrument, decision=0, rung=said.rung))


def _direction(state: PositionState) -> Direction:
    return Direction.LONG if state.quantity > 0 else Direction.SHORT
