"""The class of one instrument at each candle of a history, as choosing at every close gives it."""

from dataclasses import fields

import numpy as np

from trading.candles import CandleSeries
from trading.regime.instrument import LEAD, InstrumentRegime, feature_columns, scores

Classes = list[InstrumentRegime | None]


def classes(candles: CandleSeries) -> Classes:
    """In force from each close on; None = not known. The first candle is chosen afresh: what was in
    force before it nobody knows.
    """
    seen = feature_columns(candles)
    columns = np.column_stack([getattr(seen, item.name) for item in fields(seen)])
    by_class = scores(seen)
    names = list(by_class)
    points = np.column_stack(list(by_class.values()))
    totals = points.sum(axis=1)
    is_known = np.isfinite(columns).all(axis=1) & (totals > 0)
    shares = points / np.where(is_known, totals, 1.0)[:, None]
    best = shares.argmax(axis=1).tolist()  # of equals, the first
    found: Classes = []
    current: int | None = None
    for row, (known, leader) in enumerate(zip(is_known.tolist(), best, strict=True)):
        if not known:
            current = None
        elif current is None or shares[row, leader] - shares[row, current] >= LEAD:
            current = leader
        found.append(None if current is None else names[current])
    return found


def class_at(candles: CandleSeries, found: Classes, moment: int) -> InstrumentRegime | None:
    """By the last candle that had closed by then (seconds since the epoch)."""
    index = int(np.searchsorted(candles.close_times, moment, side="right")) - 1
    return found[index] if index >= 0 else None
