"""What is made of the last rows alone, and how long columns of it are computed."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from trading.candles import FloatArray

_BLOCK = 16_384  # rows: a dozen such columns stay in a processor's second cache


def rolling_sum(values: FloatArray, length: int) -> FloatArray:
    """The sum of each row and the `length - 1` before it; the first `length - 1` rows are NaN. Rows
    lie along the last axis: several columns of one array are summed at once.

    A running sum adds the new row and takes the old one away, and keeps the rounding of all rows
    that it ever saw: after a large move it answers 1e-13 for a window of zeros, and the answer for
    one row depends on where the history begins. Here windows of 1, 2, 4 … rows are added up, so the
    same window gives the same bits in any history, and zeros give zero. NaN stays in its window.
    """
    total = np.empty(values.shape)
    total[..., : length - 1] = np.nan
    if length > values.shape[-1]:
        return total
    # `block[i]` is the sum of the `size` rows from i on, `sums[i]` that of the `done` rows.
    block, size = values, 1
    sums, done = values, 0
    while True:
        if length & size:
            rest = block[..., done:]
            sums = sums[..., : rest.shape[-1]] + rest if done else block
            done += size
        if done == length:
            break
        block = block[..., :-size] + block[..., size:]
        size *= 2
    total[..., length - 1 :] = sums
    return total


def rolling_mean(values: FloatArray, length: int) -> FloatArray:
    total = rolling_sum(values, length)
    total /= length
    return total


def share(part: FloatArray, whole: FloatArray, *, of_nothing: float) -> FloatArray:
    """In hundredths."""
    found = 100 * part
    if np.minimum.reduce(whole, initial=np.inf) > 0:  # nor NaN
        found /= whole
        return found
    with np.errstate(divide="ignore", invalid="ignore"):
        found /= whole
    found[whole == 0] = of_nothing
    return found


def in_blocks(compute: Callable[..., Any], columns: Sequence[Any], reach: int) -> Any:
    """What `compute` answers of the columns, computed a block of rows at a time: several times as
    fast for long ones. Each row may depend on the `reach` rows before it, and on no others.
    """
    rows, size = len(columns[0]), max(_BLOCK, 2 * reach)
    if rows <= size + reach:
        return compute(*columns)
    whole = None
    for begin in range(0, rows, size):
        before = min(begin, reach)
        part = compute(*(column[begin - before : begin + size] for column in columns))
        if whole is None:
            whole = in_each(partial(_of_rows, rows), part)
        in_each(partial(_put, begin, before), whole, part)
    return whole


def in_each(change: Callable[..., FloatArray], *answers: Any) -> Any:
    """`change` of the arrays, or of each array of the named tuples, one after the other."""
    kind = type(answers[0])
    if kind is np.ndarray:
        return change(*answers)
    return kind(*map(change, *answers))


def _of_rows(rows: int, like: FloatArray) -> FloatArray:
    return np.empty(rows, dtype=like.dtype)


def _put(begin: int, before: int, whole: FloatArray, part: FloatArray) -> FloatArray:
    """The block goes to its place, without the rows before it."""
    whole[begin : begin + len(part) - before] = part[before:]
    return whole
