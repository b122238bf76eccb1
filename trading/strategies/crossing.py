"""Whether something has just crossed a level: false before, true now."""

import numpy as np
from numpy.typing import NDArray

from trading.candles import FloatArray

# Of the level: prices are decimals, so what is left of a smaller difference is the rounding of
# floats, and a market that stands still must not cross.
SAME = 1e-12

# Of the level, too: much more than a mean of a window differs by its rounding from the same mean of
# a longer history, and than what is the same to `is_above`.
_NEAR = 1e-9

Flags = NDArray[np.bool_]


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


def may_cross(
    values: FloatArray, levels: FloatArray | float, *, near: FloatArray | float = 0.0
) -> Flags:
    """Row by row: False says that neither `crosses_above` nor `crosses_below` is true of it and the
    row before, even if values and levels are `near` only. It is False of the first row and of NaN.
    """
    apart = values - levels
    near = np.broadcast_to(near + _NEAR * np.abs(levels), apart.shape)
    not_below, not_above = apart >= -near, apart <= near
    found = np.zeros(len(apart), dtype=np.bool_)
    found[1:] = (not_below[1:] & not_above[:-1]) | (not_above[1:] & not_below[:-1])
    return found


def begins(flags: Flags) -> Flags:
    """The rows at which it is true and was not at the row before."""
    found = flags.copy()
    found[1:] &= ~flags[:-1]
    return found


def earlier(values: FloatArray, rows: int) -> FloatArray:
    """What the column was so many rows before; NaN where there was none."""
    found = np.full(len(values), np.nan)
    found[rows:] = values[: max(len(values) - rows, 0)]
    return found
