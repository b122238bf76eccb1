"""A history as the kernel reads it. Made once for any number of runs over the same candles."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trading.backtest.settings import Market
from trading.candles import FloatArray
from trading.compiled.book import EXACT, Candles
from trading.compiled.machine import compiled
from trading.compiled.units import NotExpressible

MOST_PLACES = 10
LOOKED_AT_FIRST = 1_000


@dataclass(slots=True)
class Track:
    """`places` are the digits behind the point that every price has at most."""

    market: Market
    candles: Candles
    places: int
    highest: float
    _totals: dict[int, tuple[FloatArray, FloatArray]] = field(default_factory=dict)

    def compiled(self, loop: Any) -> Any:
        return compiled(loop)

    def totals(self, values: FloatArray) -> FloatArray:
        """Kept, since every parameter set of a sweep asks for the same."""
        if id(values) not in self._totals:
            self._totals[id(values)] = (values, _summed(values, 10.0**self.places))
        return self._totals[id(values)][1]


def _summed(values: FloatArray, scale: float) -> FloatArray:
    largest = max(np.max(values, initial=0.0), -np.min(values, initial=0.0))
    if float(largest) * scale * len(values) < EXACT:
        summed: FloatArray = np.empty(len(values) + 1)
        compiled(sum_up)(values, scale, summed)
        return summed
    # Sums of 64 bits that pass the largest begin again: differences stay exact.
    return np.append(0, np.cumsum(np.rint(values * scale).astype(np.int64)))


def sum_up(values: FloatArray, scale: float, summed: FloatArray) -> None:
    total = summed[0] = 0.0
    for row in range(len(values)):
        total += np.rint(values[row] * scale)
        summed[row + 1] = total


def track_of(market: Market) -> Track:
    """Raises NotExpressible where the prices are no short decimals, or candles are missing that
    orders meet."""
    series = market.series
    _check_order(market)
    columns = [
        np.ascontiguousarray(column, np.float64)
        for column in (series.open, series.high, series.low, series.close)
    ]
    length = int(series.timeframe.duration.total_seconds())
    times = np.ascontiguousarray(series.close_times, np.int64)
    candles = Candles(columns[0], columns[1], columns[2], columns[3], times, length)
    highest = float(np.max(series.high))
    return Track(market, candles, _places(columns, highest), highest)


def _check_order(market: Market) -> None:
    series, candles = market.series, market.candles
    if not len(series):
        raise NotExpressible("there is no candle")
    if len(candles) != len(series):
        raise NotExpressible("orders meet other candles than the strategy looks at")
    length = series.timeframe.duration
    for end in (0, -1):
        candle = candles[end]
        if int(candle.close_time.timestamp()) != int(series.close_times[end]):
            raise NotExpressible("orders meet other candles than the strategy looks at")
        if candle.close_time - candle.open_time != length:
            raise NotExpressible("a candle is not as long as its timeframe")
    closes = np.ascontiguousarray(series.close_times, np.int64)
    if not compiled(are_apart)(closes, int(length.total_seconds())):
        raise NotExpressible("candles overlap")


def are_apart(times: NDArray[np.int64], least: int) -> bool:
    """Whether each comes so much after the one before."""
    wrong, before = 0, times[:-1]
    later = times[1:]
    for row in range(len(later)):
        wrong += later[row] - before[row] < least
    return wrong == 0


def _places(columns: list[FloatArray], highest: float) -> int:
    fits = compiled(are_decimals)
    some = [column[:LOOKED_AT_FIRST] for column in columns]
    places = 0
    for found in (some, columns):
        while not all(fits(column, 10.0**places, float(EXACT)) for column in found):
            places += 1
            if places > MOST_PLACES or highest * 10.0**places >= EXACT:
                raise NotExpressible("a price is not above zero, or has too many digits")
    return places


def are_decimals(column: FloatArray, scale: float, most: float) -> bool:
    """Whether each is the nearest float to a decimal above zero, of so many units."""
    wrong = 0  # counted: several rows are looked at at once then
    for row in range(len(column)):
        value = column[row]
        whole = np.rint(value * scale)
        wrong += not ((whole / scale == value) & (whole > 0) & (whole < most))
    return wrong == 0
