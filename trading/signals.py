"""A Signal is a strategy's opinion: no size, no account. Floats become Decimals here and nowhere
else."""

import math
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

BPS = Decimal(10_000)
"""Basis points of one."""


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
        return self in (Action.ENTER_LONG, Action.ENTER_SHORT)

    @property
    def direction(self) -> Direction:
        return Direction.LONG if self.value.endswith("long") else Direction.SHORT

    @property
    def side(self) -> Side:
        return Side.BUY if self in (Action.ENTER_LONG, Action.EXIT_SHORT) else Side.SELL


class OffsetType(StrEnum):
    """What the number of a trailing offset means."""

    PRICE = "price"  # so much in quote currency
    BASIS_POINTS = "basis_points"  # ten-thousandths of the best price


class SignalNotUsable(ValueError):
    """A strategy returned numbers that no order can be made of."""


@dataclass(frozen=True, slots=True)
class Trail:
    """How far behind the best price since the entry a stop follows."""

    offset: Decimal
    offset_type: OffsetType = OffsetType.PRICE

    @property
    def is_usable(self) -> bool:
        """Whether there is something to follow by, and less than the whole price."""
        if not self.offset.is_finite() or self.offset <= 0:
            return False
        return self.offset_type is OffsetType.PRICE or self.offset < BPS


@dataclass(frozen=True, slots=True)
class ExitPlan:
    """How the position is to be left; None = not so.

    `stop_limit_price` is the worst price that the stop may take; `trail` makes the stop follow,
    from `stop_price` on.
    """

    stop_price: Decimal | None = None
    target_price: Decimal | None = None
    stop_limit_price: Decimal | None = None
    trail: Trail | None = None


@dataclass(frozen=True, slots=True)
class Signal:
    symbol: str
    action: Action
    reference_price: Decimal  # the close at which the strategy decided
    exit_plan: ExitPlan = ExitPlan()
    tag: str = ""


def enter(
    action: Action,
    symbol: str,
    reference: float,
    *,
    stop_fraction: float = 0.0,
    target_fraction: float = 0.0,
    trail_fraction: float = 0.0,
    stop_limit_fraction: float = 0.0,
    tag: str = "",
) -> Signal:
    """An entry whose stop and target lie the given fractions of the reference away; 0 = off.

    With `trail_fraction` the stop follows the best price by that part of it; without a stop of its
    own it begins there. With `stop_limit_fraction` the stop takes no price that lies further than
    that beyond it. A short whose target lies at zero or below has none: no price ever gets there.
    Raises SignalNotUsable where a price is not finite and positive.
    """
    price = exact(reference)
    favour = 1 if action.direction is Direction.LONG else -1
    stop_fraction = stop_fraction or trail_fraction
    stop = _moved(price, -favour, stop_fraction) if stop_fraction else None
    limit = None
    if stop is not None and stop_limit_fraction:
        limit = _moved(stop, -favour, stop_limit_fraction)
    trail = None
    if trail_fraction:
        trail = Trail(BPS * _fraction(trail_fraction), OffsetType.BASIS_POINTS)
    target = _moved(price, favour, target_fraction) if target_fraction else None
    if stop is not None and stop <= 0:
        raise SignalNotUsable(f"A stop {stop_fraction} below {reference} is not a price.")
    if target is not None and target <= 0:
        target = None
    return Signal(symbol, action, price, ExitPlan(stop, target, limit, trail), tag)


def leave(action: Action, symbol: str, reference: float, *, tag: str = "") -> Signal:
    """An exit of the whole position. Raises SignalNotUsable."""
    return Signal(symbol, action, exact(reference), tag=tag)


def exact(price: float) -> Decimal:
    """The shortest decimal that reads back as this float. Raises SignalNotUsable."""
    if not math.isfinite(price) or price <= 0:
        raise SignalNotUsable(f"A price must be a positive finite number, not {price!r}.")
    return Decimal(repr(float(price)))


def checked(signal: Signal) -> Signal:
    """The signal, if its prices are prices and its stop and target lie on the right sides, neither
    at the reference itself. Raises SignalNotUsable.
    """
    stop, target = signal.exit_plan.stop_price, signal.exit_plan.target_price
    reference = signal.reference_price
    for price in (reference, stop, target, signal.exit_plan.stop_limit_price):
        if price is not None and not (price.is_finite() and price > 0):
            raise SignalNotUsable(f"A price must be a positive finite number, not {price}.")
    favour = 1 if signal.action.direction is Direction.LONG else -1
    if stop is not None and (reference - stop) * favour <= 0:
        raise SignalNotUsable(f"The stop {stop} is on the wrong side of {reference}.")
    if target is not None and (target - reference) * favour <= 0:
        raise SignalNotUsable(f"The target {target} is on the wrong side of {reference}.")
    _check_stop(signal.exit_plan, favour)
    return signal


def _check_stop(plan: ExitPlan, favour: int) -> None:
    stop, limit, trail = plan.stop_price, plan.stop_limit_price, plan.trail
    if stop is None and (limit is not None or trail is not None):
        raise SignalNotUsable("A limit or a trail of a stop needs the price of the stop.")
    if limit is not None and trail is not None:
        raise SignalNotUsable("A stop either has a limit or follows the price, not both.")
    if stop is not None and limit is not None and (stop - limit) * favour < 0:
        raise SignalNotUsable(f"The limit {limit} of the stop is on the wrong side of {stop}.")
    if trail is not None and not trail.is_usable:
        raise SignalNotUsable(f"A stop cannot follow the price by {trail.offset}.")


def _moved(price: Decimal, direction: int, fraction: float) -> Decimal:
    """Exact: 2 % below 100.50 is 98.49, which the same product of floats misses."""
    return price * (1 + direction * _fraction(fraction))


def _fraction(fraction: float) -> Decimal:
    if not math.isfinite(fraction):
        raise SignalNotUsable(f"A fraction must be a finite number, not {fraction!r}.")
    return Decimal(repr(float(fraction)))
