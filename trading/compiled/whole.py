"""The roundings of `trading/money.py` on whole numbers: int64 of the smallest unit, and shares as
pairs. That they come to the same as those of Decimals is in tests/trading/compiled."""

from trading.compiled.book import EXACT, MOST, Share, Whole


def floor_of(value: Whole, divisor: Whole) -> Whole:
    """value // divisor, for a divisor above zero. Dividing floats takes a quarter of the time, and
    the floor of the quotient is exact where both are exact floats."""
    if -EXACT < value < EXACT:
        quotient = float(value) / float(divisor)
        whole = int(quotient)
        return whole - 1 if whole > quotient else whole
    return value // divisor


def whole_part_up(value: Whole, share: Share, step: Whole) -> Whole:
    unit = share[1] * step
    if unit == 1:
        return value * share[0]
    whole = floor_of(value, unit)
    rest = (value - whole * unit) * share[0]
    return (whole * share[0] - floor_of(-rest, unit)) * step


def whole_part_down(value: Whole, share: Share, step: Whole) -> Whole:
    unit = share[1] * step
    if unit == 1:
        return value * share[0]
    whole = floor_of(value, unit)
    return (whole * share[0] + floor_of((value - whole * unit) * share[0], unit)) * step


def whole_quotient_down(value: Whole, divisor: Whole, share: Share, step: Whole) -> Whole:
    """One that would not fit counts as the most that does: some cap lies far below it."""
    top, bottom = share
    found = value
    if top != bottom:
        whole = floor_of(value, top)
        if whole > MOST // bottom:
            return floor_of(MOST, step) * step
        found = whole * bottom + floor_of((value - whole * top) * bottom, top)
    return floor_of(found, divisor * step) * step
