"""Candles and readings of APEX, written row by row."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from tests.trading.examples import series
from trading.candles import CandleSeries
from trading.strategies.apex.parameters import Shared
from trading.strategies.apex.reading import Reading

Rows = Sequence[tuple[float, float, float, float]]  # open, high, low, close


def candles(rows: Rows, volumes: Sequence[float] | None = None) -> CandleSeries:
    opened, highs, lows, closes = zip(*rows, strict=True)
    traded = np.array([10.0] * len(rows) if volumes is None else volumes)
    made = series(closes, highs=highs, lows=lows)
    return replace(made, open=np.array(opened, dtype=np.float64), volume=traded)


def reading(rows: Rows, volumes: Sequence[float] | None = None, **columns: Any) -> Reading:
    """Every indicator at 100 in each row, but the last row as given."""
    each = {
        name: np.full(len(rows), 100.0)
        for name in (
            "fast", "middle", "slow", "vwap", "rsi", "quick_rsi", "histogram", "atr", "adx"
        )
    }  # fmt: skip
    for name, value in columns.items():
        each[name][-1] = value
    made = Reading(candles(rows, volumes), Shared())
    for name, column in each.items():
        setattr(made, name, column)
    return made


FLAT = [(100.0, 100.0, 100.0, 100.0)] * 20
