"""Markets to try a strategy on: cheap, of any timeframe, and with everything that trips one up.

They are drawn here and not taken from `trading.synthetic`: that one is made of minutes in exact
decimals, of which an hour-long candle would cost sixty. The same round, the same candles.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np

from trading.candles import CandleSeries, FloatArray, Timeframe

START = 1_780_272_000  # 2026-06-01, a Monday, 00:00 UTC
PRICE = 100.0
TICK_DECIMALS = 2  # few enough prices for equal closes and ties of averages to happen
VOLUME = 1_000.0
SYMBOL = "TEST-USD"

# How often something happens, of all candles (of ten at a time, for rests).
GAPS = 0.03
SPIKES = 0.04
RESTS = 0.4
LONG_WICKS = 0.03
BUSY = 0.03
OUTAGES = 0.01

Random = np.random.Generator


class Path(NamedTuple):
    """Logarithms of closes over `PRICE`, and of opens over the close before."""

    close: FloatArray
    gap: FloatArray


class Market(NamedTuple):
    name: str
    candles: CandleSeries


def market_round(number: int, length: int, timeframe: Timeframe) -> tuple[Market, ...]:
    """One market of each kind with `length` candles; another number draws others. Their arrays are
    read-only."""
    return tuple(
        Market(f"{name}-{number}", _candles(draw, [number, index], length, timeframe))
        for index, (name, draw) in enumerate(KINDS.items())
    )


def _trending(random: Random, length: int) -> Path:
    """Legs of 30 to 120 candles, up and down by turns, of unequal speed."""
    steps = random.normal(0, 0.004, length)
    row, sign = 0, 1
    while row < length:
        leg = int(random.integers(30, 121))
        steps[row : row + leg] += sign * random.uniform(0.0005, 0.004)
        row, sign = row + leg, -sign
    return Path(_held(steps.cumsum()), np.zeros(length))


def _ranging(random: Random, length: int) -> Path:
    """Waves of about a day around one price, with noise."""
    rows = np.arange(length)
    wave = 0.03 * np.sin(2 * np.pi * rows / 48) + 0.02 * np.sin(2 * np.pi * rows / 17)
    return Path(wave + random.normal(0, 0.004, length), np.zeros(length))


def _gapping(random: Random, length: int) -> Path:
    """Opens that lie far from the close before."""
    jumps = random.random(length) < GAPS
    gap = np.where(jumps, random.normal(0, 0.03, length), 0.0)
    return Path(_held((random.normal(0, 0.003, length) + gap).cumsum()), gap)


def _spiking(random: Random, length: int) -> Path:
    """Closes that leap away and come back with the next candle."""
    spikes = np.where(random.random(length) < SPIKES, random.normal(0, 0.05, length), 0.0)
    return Path(_held(random.normal(0, 0.003, length).cumsum()) + spikes, np.zeros(length))


def _resting(random: Random, length: int) -> Path:
    """Stretches in which nothing moves at all, between legs that run."""
    steps = random.normal(0, 0.004, length) + 0.002 * np.sign(np.sin(np.arange(length) / 25))
    is_at_rest = np.repeat(random.random(length // 10 + 1) < RESTS, 10)[:length]
    return Path(_held(np.where(is_at_rest, 0.0, steps).cumsum()), np.zeros(length))


KINDS: Mapping[str, Callable[[Random, int], Path]] = {
    "trending": _trending,
    "ranging": _ranging,
    "gapping": _gapping,
    "spiking": _spiking,
    "resting": _resting,
}


def _held(levels: FloatArray) -> FloatArray:
    """Walks stay within a factor of five of where they began: far from the tick and from 0."""
    return np.arcsin(np.sin(levels))


def _candles(
    draw: Callable[[Random, int], Path], seed: list[int], length: int, timeframe: Timeframe
) -> CandleSeries:
    random = np.random.default_rng(seed)
    path = draw(random, length)
    before = np.concatenate([[path.close[0]], path.close[:-1]])
    opens = before + path.gap
    moves = (before != path.close) | (path.gap != 0)
    wicks = np.where(moves, np.abs(random.normal(0, 0.002, (2, length))), 0.0)
    wicks *= np.where(random.random((2, length)) < LONG_WICKS, 10, 1)
    volume = VOLUME * random.lognormal(0, 0.6, length) * np.where(moves, 1, 0)
    volume *= np.where(random.random(length) < BUSY, 20, 1)
    columns = (
        _prices(opens),
        _prices(np.maximum(opens, path.close) + wicks[0]),
        _prices(np.minimum(opens, path.close) - wicks[1]),
        _prices(path.close),
        volume,
    )
    # Some candles are missing, as after an outage: rows are no clock.
    steps = np.where(random.random(length) < OUTAGES, 3, 1)
    times = START + timeframe.minutes * 60 * steps.cumsum().astype(np.int64)
    for column in (times, *columns):
        column.setflags(write=False)
    return CandleSeries(SYMBOL, timeframe, times, *columns)


def _prices(logarithms: FloatArray) -> FloatArray:
    return np.round(PRICE * np.exp(logarithms), TICK_DECIMALS)
