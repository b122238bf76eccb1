"""How a position is left, and in what order when several ways are open at once:

1. an exit at market (a kill switch, a person, rungs of a ladder, a signal), at the open;
2. the stop, the target or the liquidation that the candle opens beyond, at the open;
3. the stop inside the candle, and the liquidation of a short: the nearer of the two;
4. the target inside the candle.

The one that closes it cancels the others. What a ladder takes is a part; where an exit of the
whole fills at the same open, that takes what is left. Which rungs a candle takes, and where the
stop goes, is said by trading/exit_policy.py when it has closed.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from trading.instruments import InstrumentRules
from trading.margin import liquidation_price
from trading.orders import Leg, OrderType
from trading.signals import Direction, ExitPlan, Side, Trail


class ExitReason(StrEnum):
    SIGNAL = "signal"
    STOP = "stop"
    TRAILING_STOP = "trail"
    TARGET = "target"
    LADDER = "ladder"  # its last part, by a rung
    MARGIN_CALL = "margin_call"  # by the venue: the margin of a short was used up
    LIQUIDATION = "liquidation"  # by a kill switch
    MANUAL = "manual"  # by its owner or by staff
    UNPROTECTED = "unprotected"  # its stop was lost and could not be written again


def reason_of(order_type: OrderType, leg: Leg) -> ExitReason:
    """Why a position was left, by the order that closed it and that a strategy or its plan asked
    for."""
    if order_type is OrderType.TRAILING_STOP_MARKET:
        return ExitReason.TRAILING_STOP
    by_leg = {
        Leg.STOP: ExitReason.STOP,
        Leg.TARGET: ExitReason.TARGET,
        Leg.LIQUIDATION: ExitReason.MARGIN_CALL,
    }
    return by_leg.get(leg, ExitReason.SIGNAL)


@dataclass(frozen=True, slots=True)
class ProtectiveLeg:
    leg: Leg
    side: Side
    order_type: OrderType
    limit_price: Decimal | None = None
    trigger_price: Decimal | None = None
    trail: Trail | None = None


def closing_side(direction: Direction) -> Side:
    return Side.SELL if direction is Direction.LONG else Side.BUY


def protective_legs(plan: ExitPlan, direction: Direction) -> tuple[ProtectiveLeg, ...]:
    """The one-cancels-other orders that stand beside a position from the moment it is opened."""
    side = closing_side(direction)
    legs = []
    if plan.stop_price is not None:
        legs.append(
            ProtectiveLeg(
                Leg.STOP,
                side,
                _kind_of_stop(plan),
                limit_price=plan.stop_limit_price,
                trigger_price=plan.stop_price,
                trail=plan.trail,
            )
        )
    if plan.target_price is not None:
        legs.append(ProtectiveLeg(Leg.TARGET, side, OrderType.LIMIT, limit_price=plan.target_price))
    return tuple(legs)


def liquidation_leg(average_entry: Decimal, rules: InstrumentRules) -> ProtectiveLeg:
    """Where the venue closes a short by force. It stands with the others, so all can see it."""
    trigger = liquidation_price(average_entry, rules)
    return ProtectiveLeg(Leg.LIQUIDATION, Side.BUY, OrderType.STOP_MARKET, trigger_price=trigger)


def _kind_of_stop(plan: ExitPlan) -> OrderType:
    if plan.trail is not None:
        return OrderType.TRAILING_STOP_MARKET
    return OrderType.STOP_MARKET if plan.stop_limit_price is None else OrderType.STOP_LIMIT
