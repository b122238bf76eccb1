"""Whether something has just crossed a level: false before, true now."""

# Of the level: prices are decimals, so what is left of a smaller difference is the rounding of
# floats, and a market that stands still must not cross.
SAME = 1e-12


def is_above(value: float, level: float) -> bool:
    return value - level > abs(level) * SAME


def crosses_above(
    value_before: float, value: float, level_before: float, level: float | None = None
) -> bool:
    """From not above to above. `level` is None where the level stays."""
    now = level_before if level is None else level
    return not is_above(value_before, level_before) and is_above(value, now)


def crosses_below(
    value_before: float, value: float, level_before: float, level: float | None = None
) -> bool:
    """From not below to below."""
    now = level_before if level is None else level
    return not is_above(level_before, value_before) and is_above(now, value)
