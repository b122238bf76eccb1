"""What every indicator has in common: what it takes, what it gives, and what it needs first."""

from collections.abc import Callable, Sequence
from functools import update_wrapper
from typing import Any, Generic, ParamSpec, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from trading.candles import FloatArray

P = ParamSpec("P")
Q = ParamSpec("Q")
R = TypeVar("R")

LONGEST = 100_000  # rows that a window may have; TA-Lib takes no more

# What is larger than this is no price and no volume, and its squares must still be numbers.
_LARGEST = 1e100


class Indicator(Generic[P, Q, R]):
    """A function of whole columns, oldest row first, that can be asked how much history it needs.

    Columns are float64 arrays of one length; the answer is an array, or a named tuple of arrays, of
    that length, and never shares memory with what was given. Row t depends on rows up to t only.
    Until `warmup` rows are there, all that is answered is NaN; ±inf is never answered.

    Rows at the beginning with a NaN in any column do not count (so an indicator can be taken of
    another's answer). Behind the first row, a NaN makes that row and all that follow NaN: most
    averages remember everything, so after a hole nothing is known. ±inf counts as NaN.
    """

    def __init__(self, compute: Callable[P, R], *, columns: int, warmup: Callable[Q, int]) -> None:
        self._compute = compute
        self._columns = columns
        self._warmup = warmup
        update_wrapper(self, compute)

    def warmup(self, *args: Q.args, **kwargs: Q.kwargs) -> int:
        """The rows that the first answer needs; takes the parameters of a call, without columns.

        Raises ValueError for parameters that cannot be used.
        """
        return self._warmup(*args, **kwargs)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Raises ValueError for columns or parameters that cannot be used."""
        given: tuple[Any, ...] = args
        columns, parameters = given[: self._columns], given[self._columns :]
        needed = cast("Callable[..., int]", self._warmup)(*parameters, **kwargs)
        rows = _check(columns)
        first, end = _known(columns, rows)
        if (first, end) != (0, rows):
            columns = tuple(column[first:end] for column in columns)
        answer = cast("Callable[..., R]", self._compute)(*columns, *parameters, **kwargs)
        unknown = needed - 1
        if isinstance(answer, np.ndarray):
            return cast("R", _placed(answer, unknown, first, rows))
        placed = (_placed(each, unknown, first, rows) for each in cast("Sequence[Any]", answer))
        return type(answer)(*placed)


def indicator(
    *, columns: int, warmup: Callable[Q, int]
) -> Callable[[Callable[P, R]], Indicator[P, Q, R]]:
    """Makes an Indicator of a function whose first `columns` arguments are the columns.

    The function gets columns without a hole, and what it answers within the warm-up is overwritten.
    `warmup` takes the other arguments, and refuses the ones that cannot be used.
    """

    def made(compute: Callable[P, R]) -> Indicator[P, Q, R]:
        return Indicator(compute, columns=columns, warmup=warmup)

    return made


def checked_length(name: str, length: int, *, least: int = 1) -> int:
    """`length`, when it is a number of rows. Raises ValueError."""
    if isinstance(length, bool) or not isinstance(length, int | np.integer):
        raise ValueError(f"{name} must be a whole number of rows, not {length!r}.")  # noqa: TRY004
    if not least <= length <= LONGEST:
        raise ValueError(f"{name} must lie between {least} and {LONGEST}, not {length}.")
    return int(length)


def _check(columns: Sequence[Any]) -> int:
    """The number of rows. Raises ValueError."""
    for column in columns:
        if not isinstance(column, np.ndarray) or column.ndim != 1:
            raise ValueError("An indicator takes arrays of one dimension.")
        if column.dtype not in (np.float64, np.int64):
            raise ValueError(f"An indicator takes arrays of float64, not of {column.dtype}.")
    lengths = {len(column) for column in columns}
    if len(lengths) != 1:
        raise ValueError(f"The columns must have one length, not {sorted(lengths)}.")
    return lengths.pop()


def _known(columns: Sequence[NDArray[Any]], rows: int) -> tuple[int, int]:
    """The first row that is known in all columns, and the row at which that ends."""
    # A NaN anywhere makes the sum of squares NaN, and no square is larger than the sum.
    with np.errstate(over="ignore", invalid="ignore"):
        if all(np.dot(c, c) < _LARGEST**2 for c in columns if c.dtype == np.float64):
            return 0, rows
    known = np.logical_and.reduce([np.abs(column) < _LARGEST for column in columns])
    first = int(np.argmax(known)) if known.any() else rows
    hole = np.flatnonzero(~known[first:])
    return first, first + int(hole[0]) if len(hole) else rows


def _placed(answer: FloatArray, unknown: int, first: int, rows: int) -> FloatArray:
    """The answer for the known rows, NaN through its warm-up, at its place among all rows."""
    answer[:unknown] = np.nan
    if len(answer) == rows:
        return answer
    placed = np.full(rows, np.nan)
    placed[first : first + len(answer)] = answer
    return placed
