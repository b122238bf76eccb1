"""Which instruments move together: the correlation of their returns.

r is Pearson's, of the logarithmic returns of the candles that both have, the last 100 at most. From
0.7 on, in either direction, it is strong. What has fewer than 30 returns in common, or does not
move at all, is not known.
"""

from collections.abc import Mapping

import numpy as np

from trading.candles import CandleSeries

WINDOW = 100
LEAST_RETURNS = 30
STRONG = 0.7


def apart(of: CandleSeries, others: Mapping[int, CandleSeries]) -> frozenset[int]:
    """Those that are known not to move with it."""
    found = set()
    for key, other in others.items():
        r = correlation(of, other)
        if r is not None and abs(r) < STRONG:
            found.add(key)
    return frozenset(found)


def correlation(one: CandleSeries, other: CandleSeries) -> float | None:
    """-1 to 1; None where it is not known."""
    _, mine, its = np.intersect1d(
        one.close_times, other.close_times, assume_unique=True, return_indices=True
    )
    mine, its = mine[-WINDOW - 1 :], its[-WINDOW - 1 :]
    if len(mine) <= LEAST_RETURNS:
        return None
    returns = np.diff(np.log(np.array([one.close[mine], other.close[its]])))
    deviations = returns.std(axis=1)
    if not np.all(np.isfinite(returns)) or not np.all(deviations > 0):
        return None
    return float(np.corrcoef(returns)[0, 1])
