"""A close as it is looked at."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

import numpy as np

from trading.candles import CandleSeries


class Close(NamedTuple):
    """`prices` are of what is held, `equity` by them; `open_at_midnight` is the open profit with
    which its day began (UTC)."""

    row: int
    now: datetime
    prices: Mapping[int, Decimal]
    equity: Decimal
    open_at_midnight: Decimal


def closed_by(series: CandleSeries, now: datetime) -> int:
    """How many candles had closed."""
    # A whole number: for a fraction all of them would be turned into fractions.
    return int(np.searchsorted(series.close_times, int(now.timestamp()), side="right"))


def window(series: CandleSeries, end: int, length: int) -> CandleSeries:
    """The `length` candles before index `end`, as views."""
    part = slice(end - length, end)
    return CandleSeries(
        series.symbol, series.timeframe, series.close_times[part], series.open[part],
        series.high[part], series.low[part], series.close[part], series.volume[part],
    )  # fmt: skip
