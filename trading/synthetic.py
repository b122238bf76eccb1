"""A made-up market: minutes of a crypto-like price that trends, ranges and panics by turns.

The same seed and symbol give the same candles, whatever pieces they are asked for in: time is cut
into phases of two hours, and a phase is always made whole. (A release of numpy may change them.)
"""

import hashlib
import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from trading.candles import Candle, FloatArray, Timeframe, aggregate, boundaries

GENESIS = datetime(2020, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
PHASE = timedelta(hours=2)
PHASE_MINUTES = PHASE // MINUTE
PHASES_PER_DRAW = 4096  # about a year; drawn in such blocks so that the draw can be cached

# Pulls the price back to its reference, a little every phase: years later it is still a price.
MEMORY = 0.9995
VOLUME_DECIMALS = 6
TURNOVER_PER_MINUTE = 150_000  # in quote currency, on a quiet minute
REFERENCE_PRICES = {"BTC": 60_000.0, "ETH": 3_000.0, "SOL": 150.0, "XRP": 0.6, "DOGE": 0.15}


class Regime(StrEnum):
    TREND_UP = "trend_up"
    TREND_DOWN = "trend_down"
    RANGE = "range"
    HIGH_VOLATILITY = "high_volatility"


@dataclass(frozen=True, slots=True)
class Behaviour:
    """How a phase moves, in logarithms of the price; `turnover` is a multiple of the quiet one."""

    move: float
    move_spread: float
    minute_noise: float
    swing: float
    turnover: float


BEHAVIOURS = {
    Regime.TREND_UP: Behaviour(0.014, 0.006, 0.0004, 0.001, 1.5),
    Regime.TREND_DOWN: Behaviour(-0.014, 0.006, 0.0004, 0.001, 1.5),
    Regime.RANGE: Behaviour(0.0, 0.002, 0.0003, 0.004, 1.0),
    Regime.HIGH_VOLATILITY: Behaviour(0.0, 0.025, 0.0018, 0.003, 4.0),
}
_REGIMES = tuple(BEHAVIOURS)


@dataclass(frozen=True, slots=True)
class Market:
    """What the candles are made of: another seed is another history of the same symbol."""

    seed: int
    symbol: str
    price_increment: Decimal

    @property
    def reference_price(self) -> float:
        """What the price wanders around: coarse increments must not swallow its movements."""
        base = self.symbol.partition("-")[0]
        unknown = 0.5 * math.pow(1000, _key("price", self.symbol) % 1000 / 1000)  # 0.5 to 500
        return max(REFERENCE_PRICES.get(base, unknown), float(self.price_increment) * 10_000)


@dataclass(frozen=True, slots=True)
class _Phase:
    """The minutes of a phase; prices in price increments, volume in units of `VOLUME_DECIMALS`."""

    open: NDArray[np.int64]
    high: NDArray[np.int64]
    low: NDArray[np.int64]
    close: NDArray[np.int64]
    volume: NDArray[np.int64]


class BeforeGenesis(ValueError):
    """The made-up market has no candles before `GENESIS`."""


def candles(market: Market, timeframe: Timeframe, after: datetime, until: datetime) -> list[Candle]:
    """The candles that close in `(after, until]`, oldest first. Raises BeforeGenesis."""
    closes = boundaries(after, until, timeframe)
    if not closes:
        return []
    start = closes[0] - timeframe.duration
    if start < GENESIS:
        raise BeforeGenesis(f"The synthetic market begins at {GENESIS:%Y-%m-%d}, not at {start}.")
    minutes = list(_minutes(market, start, closes[-1]))
    return minutes if timeframe is Timeframe.M1 else aggregate(minutes, timeframe)


def _minutes(market: Market, start: datetime, end: datetime) -> Iterator[Candle]:
    increment = market.price_increment
    moment = start
    while moment < end:
        index, offset = divmod(moment - GENESIS, PHASE)
        phase = _phase(market, index)
        first = offset // MINUTE
        last = min(PHASE_MINUTES, first + (end - moment) // MINUTE)
        for minute in range(first, last):
            close_time = moment + MINUTE
            yield Candle(
                moment,
                close_time,
                int(phase.open[minute]) * increment,
                int(phase.high[minute]) * increment,
                int(phase.low[minute]) * increment,
                int(phase.close[minute]) * increment,
                Decimal(int(phase.volume[minute])).scaleb(-VOLUME_DECIMALS),
            )
            moment = close_time


@lru_cache(maxsize=4096)
def _phase(market: Market, index: int) -> _Phase:
    regime, level, next_level = phase_draw(market, index)
    behaviour = BEHAVIOURS[regime]
    random = np.random.default_rng([_key(str(market.seed), market.symbol), index])
    share = np.linspace(0.0, 1.0, PHASE_MINUTES + 1)
    noise = np.concatenate([[0.0], random.standard_normal(PHASE_MINUTES).cumsum()])
    noise = (noise - share * noise[-1]) * behaviour.minute_noise  # a bridge: both ends are fixed
    swing = behaviour.swing * np.sin(2 * np.pi * random.integers(1, 4) * share)
    path = level + (next_level - level) * share + noise + swing
    wicks = np.abs(random.standard_normal((2, PHASE_MINUTES))) * behaviour.minute_noise * 0.6
    turnover = TURNOVER_PER_MINUTE * behaviour.turnover * random.lognormal(0, 0.6, PHASE_MINUTES)
    opens, closes = path[:-1], path[1:]

    in_increments = market.reference_price / float(market.price_increment)

    def ticks(logarithm: FloatArray) -> NDArray[np.int64]:
        # Rounding keeps the order of its arguments, so high and low still enclose open and close.
        return np.maximum(np.rint(in_increments * np.exp(logarithm)), 1).astype(np.int64)

    return _Phase(
        ticks(opens),
        ticks(np.maximum(opens, closes) + wicks[0]),
        ticks(np.minimum(opens, closes) - wicks[1]),
        ticks(closes),
        (turnover / (market.reference_price * np.exp(closes)) * 10**VOLUME_DECIMALS).astype(
            np.int64
        ),
    )


def phase_draw(market: Market, index: int) -> tuple[Regime, float, float]:
    """The regime of a phase, and the price at its two ends as logarithms over the reference."""
    regimes, levels = _draws(market, index // PHASES_PER_DRAW + 1)
    return _REGIMES[regimes[index]], float(levels[index]), float(levels[index + 1])


@lru_cache(maxsize=64)
def _draws(market: Market, blocks: int) -> tuple[NDArray[np.int64], FloatArray]:
    """All phases since genesis: drawing more of them does not change the first ones."""
    random = np.random.default_rng(_key(str(market.seed), market.symbol))
    uniform = random.random((blocks * PHASES_PER_DRAW, 2))
    regimes = (uniform[:, 0] * len(_REGIMES)).astype(np.int64)
    moves = np.array([behaviour.move for behaviour in BEHAVIOURS.values()])[regimes]
    spreads = np.array([behaviour.move_spread for behaviour in BEHAVIOURS.values()])[regimes]
    steps = (moves + spreads * (2 * uniform[:, 1] - 1)).reshape(blocks, PHASES_PER_DRAW)
    # level[n] = MEMORY * level[n - 1] + step[n], solved a block at a time: the powers stay tame.
    powers = MEMORY ** np.arange(1, PHASES_PER_DRAW + 1)
    levels = np.zeros(1)
    for block in steps:
        levels = np.concatenate([levels, powers * (levels[-1] + np.cumsum(block / powers))])
    return regimes, levels


def _key(*words: str) -> int:
    digest = hashlib.sha256(":".join(words).encode()).digest()
    return int.from_bytes(digest[:8], "big")
