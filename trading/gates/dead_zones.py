"""Where the smallest order that is allowed is above the largest: nothing can be traded at all, and
which capital it would take. To be asked when limits are given to somebody, and before each order.
"""

from decimal import Decimal
from typing import NamedTuple

from trading.gates.bounds import Bounds
from trading.money import ZERO, ceil_to, floor_to, plain

_CENT = Decimal("0.01")


class TradableRange(NamedTuple):
    """The capital with which some order is possible, to the cent, inclusive; `most` None = any.
    `is_empty`: with no capital at all."""

    least: Decimal
    most: Decimal | None
    is_empty: bool


def tradable_range(bounds: Bounds) -> TradableRange:
    least_notional, least_share = _value(bounds.least_notional), _value(bounds.least_share)
    most_notional, most_share = bounds.most_notional, bounds.most_share
    least, most, is_empty = ZERO, None, False
    if most_share is not None:
        is_empty = least_share > most_share.value or not most_share.value
        if most_share.value:
            least = ceil_to(least_notional / most_share.value, _CENT)
    if most_notional is not None:
        is_empty |= least_notional > most_notional.value or not most_notional.value
        if least_share:
            most = floor_to(most_notional.value / least_share, _CENT)
    is_empty |= most is not None and most < least
    return TradableRange(least, most, is_empty)


def is_deadlocked(bounds: Bounds, capital: Decimal) -> bool:
    """Whether no order at all is possible. `capital` is finite and above 0."""
    floor = _value(bounds.least_notional)
    if bounds.least_share is not None:
        floor = max(floor, bounds.least_share.value * capital)
    if bounds.most_notional is not None and floor > bounds.most_notional.value:
        return True
    return bounds.most_share is not None and floor > bounds.most_share.value * capital


def needed(bounds: Bounds) -> str:
    """`66.67 to 1250`, `285.72 or more` or `none`, for receipts."""
    least, most, is_empty = tradable_range(bounds)
    if is_empty:
        return "none"
    if most is None:
        return f"{plain(least)} or more"
    return f"{plain(least)} to {plain(most)}"


def _value(bound: tuple[Decimal, str, str] | None) -> Decimal:
    return ZERO if bound is None else bound[0]
