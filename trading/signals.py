"""A Signal is a strategy's opinion: no quantity, no account. Floats become Decimals here and
nowhere else."""

import math
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum

from trading.exit_plans import (
    BPS,
    ExitPlan,
    Ladder,
    LateTrail,
    OffsetType,
    Rung,
    ScaleOut,
    Trail,
    Unit,
)
from trading.order_kinds import OrderType, TimeInForce

__all__ = [
    "BPS", "Action", "Direction", "EntryPlan", "ExitPlan", "Ladder", "LateTrail", "OffsetType",
    "Rung", "ScaleOut", "Side", "Signal", "SignalNotUsable", "Trail", "Unit", "enter", "entry_side",
    "exact", "favour_of", "leave",
]  # fmt: skip


class Side(StrEnum):
    BUY = "buy"
    SELL = "sell"


class Direction(StrEnum):
    LONG = "long"
    SHORT = "short"


class Action(StrEnum):
    ENTER_LONG = "enter_long"
    EXIT_LONG = "exit_long"
    ENTER_SHORT = "enter_short"
    EXIT_SHORT = "exit_short"

    @property
    def is_entry(self) -> bool:
        return self is Action.ENTER_LONG or self is Action.ENTER_SHORT

    @property
    def direction(self) -> Direction:
        is_long = self is Action.ENTER_LONG or self is Action.EXIT_LONG
        return Direction.LONG if is_long else Direction.SHORT

    @property
    def side(self) -> Side:
        buys = self is Action.ENTER_LONG or self is Action.EXIT_SHORT
        return Side.BUY if buys else Side.SELL


def entry_side(direction: Direction) -> Side:
    return Side.BUY if direction is Direction.LONG else Side.SELL


class SignalNotUsable(ValueError):
    """A strategy returned numbers that no order can be made of."""


@dataclass(frozen=True, slots=True)
class EntryPlan:
    """How the position is to be entered: at market, unless it says otherwise."""

    order_type: OrderType = OrderType.MARKET
    limit_price: Decimal | None = None
    trigger_price: Decimal | None = None
    time_in_force: TimeInForce = TimeInForce.GTC
    post_only: bool = False

    def worst_price(self, reference: Decimal) -> Decimal:
        """What it is sized at: its limit, or else where a fill of it begins."""
        return self.limit_price or self.trigger_price or reference

    def expected_price(self, reference: Decimal, direction: Direction) -> Decimal:
        """Where it is entered if the market is then where the plan waits for it."""
        if self.trigger_price is not None or self.limit_price is None:
            return self.trigger_price or reference
        better = min if direction is Direction.LONG else max
        return better(reference, self.limit_price)


@dataclass(frozen=True, slots=True)
class Signal:
    symbol: str
    action: Action
    reference_price: Decimal  # the close at which the strategy decided
    exit_plan: ExitPlan = field(default=ExitPlan())
    tag: str = ""
    entry_plan: EntryPlan = EntryPlan()
    size_fraction: Decimal | None = None  # of the capital, where the idea knows; None = it does not


def enter(
    action: Action,
    symbol: str,
    reference: float,
    *,
    pullback_fraction: float = 0.0,
    breakout_fraction: float = 0.0,
    worst_fraction: float | None = None,
    time_in_force: TimeInForce = TimeInForce.GTC,
    post_only: bool = False,
    stop_fraction: float = 0.0,
    target_fraction: float = 0.0,
    trail_fraction: float = 0.0,
    stop_limit_fraction: float = 0.0,
    scale_out: ScaleOut | None = None,
    size_fraction: float | None = None,
    tag: str = "",
) -> Signal:
    """An entry at market, whose stop and target lie the given fractions away; 0 = off.

    It waits with a limit that is `pullback_fraction` of the reference better than it, or with a
    stop that is `breakout_fraction` beyond it. With `worst_fraction` it takes no price that lies
    further than that beyond the stop, or else beyond the reference; None = off. Stop and target
    are measured from where it is then expected to be entered.

    With `trail_fraction` the stop follows the best price by that part of it; without a stop of its
    own it begins there. With `stop_limit_fraction` the stop takes no price that lies further than
    that beyond it. A short whose target lies at zero or below has none: no price ever gets there.
    `scale_out` is a ladder, whose distances become amounts of quote currency here.
    Raises SignalNotUsable where a price is not finite and positive, or two plans are one too many.
    """
    price = exact(reference)
    favour = favour_of(action)
    order_type, limit, trigger = _placed(
        price, favour, pullback_fraction, breakout_fraction, worst_fraction
    )
    entry = EntryPlan(order_type, limit, trigger, time_in_force, post_only)
    expected = entry.expected_price(price, action.direction)
    exits = _left(
        expected, favour, stop_fraction, target_fraction, trail_fraction, stop_limit_fraction
    )
    ladder = _ladder(scale_out, expected, exits.stop_price)
    size = None if size_fraction is None else _fraction(size_fraction)
    if ladder is not None:
        exits = replace(exits, ladder=ladder)
    return Signal(symbol, action, price, exits, tag, entry, size)


def leave(action: Action, symbol: str, reference: float, *, tag: str = "") -> Signal:
    """An exit of the whole position. Raises SignalNotUsable."""
    return Signal(symbol, action, exact(reference), tag=tag)


def exact(price: float) -> Decimal:
    """The shortest decimal that reads back as this float. Raises SignalNotUsable."""
    if not math.isfinite(price) or price <= 0:
        raise SignalNotUsable(f"A price must be a positive finite number, not {price!r}.")
    return Decimal(repr(float(price)))


Placed = tuple[OrderType, Decimal | None, Decimal | None]
"""A kind of order, its limit and its trigger."""


def _placed(
    price: Decimal, favour: int, pullback: float, breakout: float, worst: float | None
) -> Placed:
    if min(pullback, breakout, worst or 0) < 0:
        raise SignalNotUsable("A fraction of where to enter must not be negative.")
    if pullback and (breakout or worst is not None):
        raise SignalNotUsable("An entry waits for a better price or takes a worse one, not both.")
    if pullback:
        return OrderType.LIMIT, _moved(price, -favour, pullback), None
    trigger = _moved(price, favour, breakout) if breakout else None
    if worst is None:
        return OrderType.STOP_MARKET if breakout else OrderType.MARKET, None, trigger
    limit = _moved(trigger or price, favour, worst)
    return OrderType.STOP_LIMIT if breakout else OrderType.LIMIT, limit, trigger


def _left(
    price: Decimal, favour: int, stop_by: float, target_by: float, trail_by: float, limit_by: float
) -> ExitPlan:
    stop_by = stop_by or trail_by
    stop = _moved(price, -favour, stop_by) if stop_by else None
    limit = None if stop is None or not limit_by else _moved(stop, -favour, limit_by)
    trail = Trail(BPS * _fraction(trail_by), OffsetType.BASIS_POINTS) if trail_by else None
    target = _moved(price, favour, target_by) if target_by else None
    if stop is not None and stop <= 0:
        raise SignalNotUsable(f"A stop {stop_by} below {price} is not a price.")
    return ExitPlan(stop, target if target is None or target > 0 else None, limit, trail)


def _ladder(asked: ScaleOut | None, price: Decimal, stop: Decimal | None) -> Ladder | None:
    if asked is None:
        return None
    if asked.unit is Unit.R and stop is None:
        raise SignalNotUsable("A ladder in multiples of the risk needs a stop.")
    one = price if stop is None or asked.unit is Unit.FRACTION else abs(price - stop)
    rungs = tuple(Rung(one * _fraction(far), _fraction(share)) for far, share in asked.rungs)
    return Ladder(rungs, asked.break_even_after, _late_trail(asked, one))


def _late_trail(asked: ScaleOut, one: Decimal) -> LateTrail | None:
    begins = asked.trail_after is not None or asked.trail_from is not None
    if bool(asked.trail_offset) + bool(asked.trail_fraction) != begins:
        raise SignalNotUsable("A stop that follows later needs one distance and one beginning.")
    if not begins:
        return None
    trail = Trail(_fraction(asked.trail_offset))
    if asked.trail_fraction:
        trail = Trail(BPS * _fraction(asked.trail_fraction), OffsetType.BASIS_POINTS)
    profit = None if asked.trail_from is None else one * _fraction(asked.trail_from)
    return LateTrail(trail, asked.trail_after, profit)


def favour_of(action: Action) -> int:
    """The sign of a move of the price that is good for who acts so."""
    return 1 if action.direction is Direction.LONG else -1


def _moved(price: Decimal, direction: int, fraction: float) -> Decimal:
    """Exact: 2 % below 100.50 is 98.49, which the same product of floats misses."""
    return price * (1 + direction * _fraction(fraction))


def _fraction(fraction: float) -> Decimal:
    if not math.isfinite(fraction):
        raise SignalNotUsable(f"A fraction must be a finite number, not {fraction!r}.")
    return Decimal(repr(float(fraction)))
