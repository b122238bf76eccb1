"""How far recorded candles can be trusted: which are missing, which stand out, and one figure.

    quality = 100 x stored / (stored + missing) x (1 - 10 x (revised + outliers) / stored)

and never below 0: a missing candle in a thousand costs a tenth of a point, one that was corrected
later or stands out of all that came before it costs a whole one, since it was there and may have
been wrong. Without any candle there is no figure: unknown is not zero.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from trading.candles import FloatArray, Timeframe

DOUBT_WEIGHT = 10
# An outlier: the high or the low is so many usual moves away from the close before it. The usual
# move is the median one of the candles before, and never less than a hundredth of a percent.
OUTLIER_SCORE = 20.0
USUAL_OF = 100
SMALLEST_USUAL_MOVE = 0.0001
_WINDOWS_AT_ONCE = 20_000  # bounds the memory of a long series


@dataclass(frozen=True, slots=True)
class Gap:
    """Candles that are missing: those that open in `[first_open, until)`."""

    first_open: datetime
    until: datetime
    candles: int


@dataclass(frozen=True, slots=True)
class Outlier:
    """`score` is the move in usual moves, `move` the same as a logarithm of the price."""

    index: int
    score: float
    move: float


def gaps(open_times: Sequence[datetime], timeframe: Timeframe, until: datetime) -> list[Gap]:
    """What is missing between these candles (oldest first), and after the last one until `until`,
    as if the market never closed."""
    step, found = timeframe.duration, []
    for opened, following in pairwise([*open_times, until]):
        hole = following - opened - step
        if hole >= step:
            found.append(Gap(opened + step, following, hole // step))
    return found


def outliers(high: FloatArray, low: FloatArray, close: FloatArray) -> list[Outlier]:
    """Candles that stand out of the `USUAL_OF` moves before them; of the first ones nothing is
    said."""
    if len(close) < USUAL_OF + 2:
        return []
    moves = np.abs(np.diff(np.log(close)))
    usual = np.maximum(_rolling_median(moves[:-1]), SMALLEST_USUAL_MOVE)
    before = close[USUAL_OF:-1]
    rise, fall = np.log(high[USUAL_OF + 1 :] / before), np.log(low[USUAL_OF + 1 :] / before)
    move = np.where(np.abs(rise) >= np.abs(fall), rise, fall)
    scores = np.abs(move) / usual
    return [
        Outlier(int(index) + USUAL_OF + 1, float(scores[index]), float(move[index]))
        for index in np.flatnonzero(scores > OUTLIER_SCORE)
    ]


def quality(stored: int, missing: int, revised: int, outlying: int) -> float | None:
    """From 0 to 100; None where nothing is stored."""
    if stored == 0:
        return None
    complete = stored / (stored + missing)
    trusted = max(0.0, 1 - DOUBT_WEIGHT * (revised + outlying) / stored)
    return 100 * complete * trusted


def _rolling_median(values: FloatArray) -> NDArray[np.float64]:
    windows = sliding_window_view(values, USUAL_OF)
    parts = [
        np.median(windows[start : start + _WINDOWS_AT_ONCE], axis=1)
        for start in range(0, len(windows), _WINDOWS_AT_ONCE)
    ]
    return np.concatenate(parts)
