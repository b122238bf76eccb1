"""The roundings of `trading/money.py` on whole numbers: int64 of the smallest unit, and shares as
pairs. That they come to the same as those of Decimals is in tests/trading/compiled."""

from math import floor, frexp, ldexp

from trading.compiled.book import EXACT, MOST, Share, Whole

NEAR = 1 << 50  # below it a quotient of floats is less than one away from that of whole numbers


def floor_of(value: Whole, divisor: Whole) -> Whole:
    """value // divisor, for a divisor above zero. Dividing floats and mending what they rounded
    takes a third of the time."""
    quotient = float(value) / float(divisor)
    if not -NEAR < quotient < NEAR:
        return value // divisor
    whole = floor(quotient)
    rest = value - whole * divisor
    if rest < 0:
        return whole - 1
    return whole + 1 if rest >= divisor else whole


def fits(value: Whole, factor: Whole) -> bool:
    """Whether the product does. A division of it is then one, not two."""
    return abs(float(value) * float(factor)) < MOST


def whole_part_up(value: Whole, share: Share, step: Whole) -> Whole:
    unit = share[1] * step
    if unit == 1:
        return value * share[0]
    if fits(value, share[0]):
        return -floor_of(-value * share[0], unit) * step
    whole = floor_of(value, unit)
    rest = (value - whole * unit) * share[0]
    return (whole * share[0] - floor_of(-rest, unit)) * step


def whole_part_down(value: Whole, share: Share, step: Whole) -> Whole:
    unit = share[1] * step
    if unit == 1:
        return value * share[0]
    if fits(value, share[0]):
        return floor_of(value * share[0], unit) * step
    whole = floor_of(value, unit)
    return (whole * share[0] + floor_of((value - whole * unit) * share[0], unit)) * step


def whole_quotient_down(value: Whole, divisor: Whole, share: Share, step: Whole) -> Whole:
    """One that would not fit counts as the most that does: some cap lies far below it."""
    top, bottom = share
    if fits(value, bottom) and fits(divisor * step, top):
        return floor_of(value * bottom, divisor * step * top) * step
    found = value
    if top != bottom:
        whole = floor_of(value, top)
        if whole > MOST // bottom:
            return floor_of(MOST, step) * step
        found = whole * bottom + floor_of((value - whole * top) * bottom, top)
    return floor_of(found, divisor * step) * step


def nearest_float(value: Whole, unit: Whole) -> float:
    """The nearest float to value / unit, as Python divides whole numbers. Of more than 53 bits both
    a number and its quotient would be rounded. A unit is 10^8 at least, 10^18 at most."""
    rough: float = value / unit
    if abs(value) < EXACT:
        return rough
    # Three bits more than a float has, by whole numbers: what passes 64 bits begins again, and the
    # difference is exact.
    shift = 55 - frexp(rough)[1]
    quotient = int(ldexp(rough, shift))
    rest = (value << shift) - quotient * unit
    quotient += rest // unit
    # One more says whether anything is left, so that the last rounding is the only one.
    nearest: float = ldexp(float(2 * quotient + (rest % unit != 0)), -shift - 1)
    return nearest
