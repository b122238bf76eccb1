"""The report of a backtest out of what was kept of it: the JSON of `telling.py`, read again."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

import numpy as np

from trading.performance.curve import Curve
from trading.performance.measuring import report
from trading.performance.report import Report
from trading.performance.trips import Trip

Told = Mapping[str, Any]


def trips_of(trades: Iterable[Told]) -> list[Trip]:
    """In the order told: by the time at which they closed."""
    return [_trip(row) for row in trades]


def report_told(told: Told, curve: Curve) -> Report:
    """As it was first made, to the digits of a float. Needs what `--equity` adds; `curve` is
    `curve_told` of the same."""
    trips = trips_of(told["trades"])
    return report(
        trips,
        curve,
        benchmark=_curve(told, told["benchmark"]) if told["benchmark"] else None,
        regimes={trip: row["regime"] for trip, row in zip(trips, told["trades"], strict=True)},
        days_a_year=told["days_a_year"],
    )


def curve_told(told: Told) -> Curve:
    """The equity at each close, from the cash on."""
    return _curve(told, told["equity"])


def _curve(told: Told, points: Iterable[Told]) -> Curve:
    """Both begin with the cash."""
    rows = [(point["time"], point["equity"]) for point in points]
    times, values = zip(*rows, strict=True) if rows else ((), ())
    began = int(datetime.fromisoformat(told["began_at"]).timestamp())
    return Curve.beginning_with(
        told["cash"], at=began, times=np.array(times, np.int64), equity=np.array(values, np.float64)
    )


def _trip(row: Told) -> Trip:
    return Trip(
        symbol=row["symbol"],
        direction=row["side"],
        quantity=exact(row["quantity"]),
        entry_time=datetime.fromisoformat(row["entry_time"]),
        entry_price=exact(row["entry_price"]),
        exit_time=datetime.fromisoformat(row["exit_time"]),
        exit_price=exact(row["exit_price"]),
        fees=exact(row["fees"]),
        funding=exact(row["funding"]),
        pnl=exact(row["pnl"]),
        exit_reason=row["exit_reason"],
        mae=None if row["mae"] is None else exact(row["mae"]),
        mfe=None if row["mfe"] is None else exact(row["mfe"]),
    )


def exact(number: float) -> Decimal:
    """The shortest decimal that the float stands for."""
    return Decimal(repr(number))
