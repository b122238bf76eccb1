"""What a price does to a level, on plain numbers: the event path calls these with Decimals, the
compiled path with whole numbers of the smallest unit (trading/compiled)."""

from decimal import Decimal

from trading.money import part_down, part_up

# Numba compiles these as they stand, so they take no keywords and no objects.
# ruff: noqa: FBT001


def is_met(level: Decimal, low: Decimal, high: Decimal, waits_for_a_rise: bool) -> bool:
    """Whether prices from `low` to `high` touch the level."""
    return high >= level if waits_for_a_rise else low <= level


def slipped_to(price: Decimal, share: Decimal, increment: Decimal, buys: bool) -> Decimal:
    """`share` of the price on the increment, rounded against the order, one increment at least."""
    if buys:
        return part_up(price, share, increment)
    return max(part_down(price, share, increment), increment)


def stopped_at(opened: Decimal, trigger: Decimal, buys: bool) -> Decimal:
    """Where a stop that the candle reaches is met: at the open, where that lies beyond it."""
    return max(opened, trigger) if buys else min(opened, trigger)


def limit_at_open(
    level: Decimal, opened: Decimal, whole: Decimal, increment: Decimal, buys: bool
) -> Decimal:
    """The price of a limit that the candle opens beyond: the open, on the increment against the
    order and never beyond the limit. `whole` is 1."""
    if buys:
        return min(part_up(opened, whole, increment), level)
    return max(part_down(opened, whole, increment), level)
