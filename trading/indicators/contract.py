"""What every indicator has in common: what it takes, what it gives, and what it needs first."""

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial, update_wrapper
from typing import Any, Generic, ParamSpec, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from trading.candles import FloatArray
from trading.indicators.windows import in_blocks, in_each

P = ParamSpec("P")
Q = ParamSpec("Q")
R = TypeVar("R")

LONGEST = 100_000  # rows that a window may have; TA-Lib takes no more

# What is larger than this is no price and no volume, and its squares must still be numbers.
_LARGEST = 1e100
_PIECE = 8192
_FLOAT = np.dtype(np.float64)
_DTYPES = (_FLOAT, np.dtype(np.int64))


class Indicator(Generic[P, Q, R]):
    """A function of whole columns, oldest row first, that can be asked how much history it needs.

    Columns are float64 arrays of one length; the answer is an array, or a named tuple of arrays, of
    that length, and never shares memory with what was given. Row t depends on rows up to t only.
    Until `warmup` rows are there, all that is answered is NaN; ±inf is never answered.

    Rows at the beginning with a NaN in any column do not count (so an indicator can be taken of
    another's answer). Behind the first row, a NaN makes that row and all that follow NaN: most
    averages remember everything, so after a hole nothing is known. ±inf counts as NaN.

    `of_whole` answers the same without looking first, in a fraction of the time for a few rows: of
    columns that `are_whole`, for parameters that `warmup` takes. What it answers within the warm-up
    means nothing.

    One that `forgets` makes row t of the last `warmup` + 1 rows alone: wherever the history begins,
    it answers the same bits. The others differ a little: a running sum by its rounding, an average
    that was seeded by less and less.
    """

    def __init__(
        self,
        compute: Callable[P, R],
        *,
        columns: int,
        warmup: Callable[Q, int],
        forgets: bool,
        remembers: Collection[int],
    ) -> None:
        self.forgets = forgets
        self.of_whole = compute
        self._columns = columns
        self._warmup = warmup
        self._remembers = remembers
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
        if self._remembers and rows >= needed > 1:  # an average of one row remembers none
            answer = self._at_once(columns, parameters, kwargs)
            if answer is not None:
                return cast("R", in_each(partial(_placed, needed - 1, 0, rows), answer))
        first, end = _known(columns, rows)
        if (first, end) != (0, rows):
            columns = tuple(column[first:end] for column in columns)

        def compute(*part: FloatArray) -> Any:
            return cast("Callable[..., Any]", self.of_whole)(*part, *parameters, **kwargs)

        answer = in_blocks(compute, columns, needed) if self.forgets else compute(*columns)
        return cast("R", in_each(partial(_placed, needed - 1, first, rows), answer))

    def _at_once(
        self, columns: Sequence[Any], parameters: Sequence[Any], named: Mapping[str, Any]
    ) -> Any | None:
        """The answer without looking at columns whose holes the last row would remember; None = it
        does, or a column begins with one."""
        if not all(math.isfinite(column.item(0)) for column in columns):
            return None
        if not are_whole([one for at, one in enumerate(columns) if at not in self._remembers]):
            return None
        answer = cast("Callable[..., Any]", self.of_whole)(*columns, *parameters, **named)
        ends = [answer] if isinstance(answer, np.ndarray) else answer
        return answer if all(math.isfinite(one.item(-1)) for one in ends) else None


def indicator(
    *,
    columns: int,
    warmup: Callable[Q, int],
    forgets: bool = False,
    remembers: Collection[int] = (),
) -> Callable[[Callable[P, R]], Indicator[P, Q, R]]:
    """Makes an Indicator of a function whose first `columns` arguments are the columns.

    The function gets columns without a hole, and what it answers within the warm-up is overwritten.
    `warmup` takes the other arguments, and refuses the ones that cannot be used. `remembers` are
    the columns of which a NaN or an infinity anywhere leaves every later row without a number: they
    need not be looked at beforehand, which takes as long as the quickest indicators themselves.
    """

    def made(compute: Callable[P, R]) -> Indicator[P, Q, R]:
        return Indicator(
            compute, columns=columns, warmup=warmup, forgets=forgets, remembers=remembers
        )

    return made


def checked_length(name: str, length: int, *, least: int = 1) -> int:
    """`length`, when it is a number of rows. Raises ValueError."""
    if isinstance(length, bool) or not isinstance(length, int | np.integer):
        raise ValueError(f"{name} must be a whole number of rows, not {length!r}.")  # noqa: TRY004
    if not least <= length <= LONGEST:
        raise ValueError(f"{name} must lie between {least} and {LONGEST}, not {length}.")
    return int(length)


def are_whole(columns: Sequence[NDArray[Any]]) -> bool:
    """Whether every row of every column is a number that can be a price, a volume or a time."""
    # A NaN anywhere makes the sum of squares NaN, and no square is larger than the sum.
    with np.errstate(over="ignore"):
        for column in columns:
            if column.dtype == _FLOAT and not _squares(column) < _LARGEST**2:
                return False
    return True


def _check(columns: Sequence[Any]) -> int:
    """The number of rows. Raises ValueError."""
    for column in columns:
        if not isinstance(column, np.ndarray) or column.ndim != 1:
            raise ValueError("An indicator takes arrays of one dimension.")
        if column.dtype not in _DTYPES:
            raise ValueError(f"An indicator takes arrays of float64, not of {column.dtype}.")
    rows = len(columns[0])
    if any(len(column) != rows for column in columns):
        lengths = sorted({len(column) for column in columns})
        raise ValueError(f"The columns must have one length, not {lengths}.")
    return rows


def _known(columns: Sequence[NDArray[Any]], rows: int) -> tuple[int, int]:
    """The first row that is known in all columns, and the row at which that ends."""
    if are_whole(columns):
        return 0, rows
    known = np.logical_and.reduce([np.abs(column) < _LARGEST for column in columns])
    first = int(np.argmax(known)) if known.any() else rows
    hole = np.flatnonzero(~known[first:])
    return first, first + int(hole[0]) if len(hole) else rows


def _squares(column: FloatArray) -> float:
    """The sum of the squares. In pieces: a long product is given to threads, and waits for them."""
    if len(column) < _PIECE:
        return float(column.dot(column))
    cut = len(column) // _PIECE * _PIECE
    pieces = column[:cut].reshape(-1, _PIECE)
    return float(np.vecdot(pieces, pieces).sum()) + _squares(column[cut:])


def _placed(unknown: int, first: int, rows: int, answer: FloatArray) -> FloatArray:
    """The answer for the known rows, NaN through its warm-up, at its place among all rows."""
    answer[:unknown] = np.nan
    if len(answer) == rows:
        return answer
    placed = np.full(rows, np.nan)
    placed[first : first + len(answer)] = answer
    return placed
