"""Sums over the last rows, each made of the rows of its own window and of nothing else."""

import numpy as np

from trading.candles import FloatArray


def rolling_sum(values: FloatArray, length: int) -> FloatArray:
    """The sum of each row and the `length - 1` before it; the first `length - 1` rows are NaN.

    A running sum adds the new row and takes the old one away, and keeps the rounding of all rows
    that it ever saw: after a large move it answers 1e-13 for a window of zeros, and the answer for
    one row depends on where the history begins. Here windows of 1, 2, 4 … rows are added up, so the
    same window gives the same bits in any history, and zeros give zero. NaN stays in its window.
    """
    total = np.full(len(values), np.nan)
    if length > len(values):
        return total
    # `block[i]` is the sum of the `size` rows from i on, `sums[i]` that of the `done` rows.
    block, size = values, 1
    sums, done = values, 0
    while True:
        if length & size:
            sums = sums[: len(block) - done] + block[done:] if done else block
            done += size
        if done == length:
            break
        block = block[:-size] + block[size:]
        size *= 2
    total[length - 1 :] = sums
    return total


def rolling_mean(values: FloatArray, length: int) -> FloatArray:
    total = rolling_sum(values, length)
    total /= length
    return total
