"""Random histories to run backtests over, and a strategy that asks for anything, at random."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

import numpy as np

from tests.trading.examples import BTC, MINUTE, MONDAY
from trading.backtest import Market
from trading.candle_history import CandleHistory
from trading.candles import Candle, CandleSeries, Timeframe, aggregate
from trading.exit_plans import ScaleOut
from trading.order_kinds import TimeInForce
from trading.signals import Action, Signal, enter, leave
from trading.strategies import Strategy

EIGHT_HOURS = timedelta(hours=8)


def market(
    seed: int,
    count: int,
    *,
    symbol: str = "BTC-USD",
    holes: bool = False,
    looks: Timeframe = Timeframe.M1,
    funded: bool = False,
    first: datetime = MONDAY,
) -> Market:
    """Minutes of a random walk with gaps; `holes` leaves a tenth of them out."""
    candles = walk(seed, count, holes=holes, first=first)
    seen = candles if looks is Timeframe.M1 else aggregate(candles, looks)
    return Market(
        replace(BTC, symbol=symbol, initial_margin=Decimal("0.5")),
        CandleHistory.of(candles),
        series_of(symbol, looks, seen),
        funding=[
            (first + turn * EIGHT_HOURS / 16, Decimal("0.0001") * (turn % 5 - 2))
            for turn in range(1, count // 30 + 1)
        ]
        if funded
        else (),
    )


def walk(seed: int, count: int, *, holes: bool = False, first: datetime = MONDAY) -> list[Candle]:
    random = np.random.default_rng(seed)
    close, candles = 10_000.0, []
    for minute in range(count):
        opened = close * float(np.exp(random.choice([0, 0, 0.002, -0.002]) * random.random()))
        close = opened * float(np.exp(random.normal(0, 0.002)))
        high = max(opened, close) * (1 + abs(float(random.normal(0, 0.001))))
        low = min(opened, close) * (1 - abs(float(random.normal(0, 0.001))))
        prices = [Decimal(f"{price:.2f}") for price in (opened, high, low, close)]
        if holes and random.random() < 0.1:
            continue
        at = first + minute * MINUTE
        volume = Decimal(int(random.integers(0, 40)))
        candles.append(Candle(at, at + MINUTE, prices[0], prices[1], prices[2], prices[3], volume))
    return candles


def series_of(symbol: str, timeframe: Timeframe, candles: Sequence[Candle]) -> CandleSeries:
    times = np.array([int(each.close_time.timestamp()) for each in candles], dtype=np.int64)
    names = ("open", "high", "low", "close", "volume")
    columns = (np.array([float(getattr(each, name)) for each in candles]) for name in names)
    return CandleSeries(symbol, timeframe, times, *columns)


@dataclass(frozen=True)
class Whims:
    seed: int = 0
    often: float = 0.1


def _decide(candles: CandleSeries, whims: Whims) -> Sequence[Signal]:
    random = np.random.default_rng([whims.seed, int(candles.close_times[-1])])
    if random.random() >= whims.often:
        return ()
    price, side = float(candles.close[-1]), random.integers(0, 2)
    into = (Action.ENTER_LONG, Action.ENTER_SHORT)[side]
    out = (Action.EXIT_SHORT, Action.EXIT_LONG)[side]
    said = [leave(out, candles.symbol, price)] if random.random() < 0.7 else []
    if random.random() < 0.8:
        said.append(_entry(into, candles.symbol, price, random))
    return said


def _entry(action: Action, symbol: str, price: float, random: np.random.Generator) -> Signal:
    pullback, breakout = ((0.0, 0.0), (0.002, 0.0), (0.0, 0.002))[random.integers(0, 3)]
    is_for_the_day = random.random() < 0.3 and pullback + breakout > 0
    ladder = ScaleOut(((0.003, 0.5), (0.006, 0.5)), break_even_after=1)
    return enter(
        action,
        symbol,
        price,
        pullback_fraction=pullback,
        breakout_fraction=breakout,
        time_in_force=TimeInForce.DAY if is_for_the_day else TimeInForce.GTC,
        stop_fraction=float(random.choice([0, 0.004, 0.01])) or 0.02,
        target_fraction=float(random.choice([0, 0.004, 0.01])),
        trail_fraction=float(random.choice([0, 0, 0.005])),
        scale_out=ladder if random.random() < 0.3 else None,
    )


WHIMSICAL = Strategy(
    code="whimsical",
    title="Whimsical",
    idea="Asks for anything. Loses its fees.",
    parameters=Whims,
    warmup=lambda _: 5,
    decide=_decide,
)
