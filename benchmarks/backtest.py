"""A crossover of averages (20, 50) over a long history: our event path beside `backtesting`.

    python benchmarks/backtest.py --candles 100000 --rounds 5

Both trade a fixed quantity at the next open for a fee of 0.1 %, and their trades are compared, so
that a fast wrong answer is seen. The floor is one pass over the five columns.
"""

import argparse
import sys
import time
import tracemalloc
import warnings
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from trading import synthetic
from trading.backtest import Market, Settings, Sizing, backtest
from trading.candles import CandleSeries, Timeframe
from trading.gates.values import Limits
from trading.instruments import AssetClass, InstrumentRules, InstrumentStatus
from trading.strategies import REGISTRY

FAST, SLOW, UNITS, CASH = 20, 50, 1, 10**9
FEE = Decimal("0.001")
TICK = Decimal("0.01")
BEGINS = datetime(2026, 1, 1, tzinfo=UTC)
COLUMNS = ("open", "high", "low", "close", "volume")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--candles", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    chosen = parser.parse_args()
    market = history(chosen.candles)
    frame = as_frame(market)
    contenders: dict[str, Callable[[], list[tuple[int, float, float]]]] = {
        "ours, event path": lambda: ours(market),
        "backtesting": lambda: theirs(frame),
    }
    seconds: dict[str, list[float]] = {name: [] for name in (*contenders, "floor")}
    trades: dict[str, list[tuple[int, float, float]]] = {}
    for _ in range(chosen.rounds):
        for name, run in contenders.items():
            started = time.perf_counter()
            trades[name] = run()
            seconds[name].append(time.perf_counter() - started)
        started = time.perf_counter()
        sum(float(getattr(market.series, name).sum()) for name in COLUMNS)
        seconds["floor"].append(time.perf_counter() - started)
    first, second = trades.values()
    assert first == second, "the two engines do not agree"
    ahead = median(seconds["backtesting"])
    for name, taken in seconds.items():
        middle = median(taken)
        print(
            f"{name:<18}{middle * 1000:>12.1f} ms{chosen.candles / middle:>16,.0f} candles/s"
            f"{ahead / middle:>12.2f} x backtesting"
        )
    print(f"{len(first)} trades, the same; ours held {peak_bytes(market):,.0f} bytes a candle")


def history(count: int) -> Market:
    rules = InstrumentRules(
        symbol="BTC-USD", base="BTC", quote="USD", asset_class=AssetClass.CRYPTO,
        price_increment=TICK, quantity_increment=Decimal(1), min_quantity=Decimal(1),
        min_notional=Decimal(1), maker_fee=FEE, taker_fee=FEE, is_shortable=True,
        status=InstrumentStatus.TRADING,
    )  # fmt: skip
    length = Timeframe.M1
    minutes = synthetic.candles(
        synthetic.Market(7, "BTC-USD", TICK), length, BEGINS, BEGINS + count * length.duration
    )
    candles = list(minutes)
    columns = [np.array([float(getattr(item, name)) for item in candles]) for name in COLUMNS]
    closes = np.array([int(item.close_time.timestamp()) for item in candles])
    return Market(rules, candles, CandleSeries("BTC-USD", length, closes, *columns))


def as_frame(market: Market) -> Any:
    import pandas as pd  # noqa: PLC0415 - the peer's, not ours

    series = market.series
    return pd.DataFrame(
        {name.title(): getattr(series, name) for name in COLUMNS},
        index=pd.to_datetime(series.close_times - 60, unit="s"),
    )


def ours(market: Market) -> list[tuple[int, float, float]]:
    strategy = REGISTRY["sma_crossover"]
    parameters = strategy.parse({"fast": FAST, "slow": SLOW, "stop_loss": 0, "take_profit": 0})
    limits = Limits(
        capital=Decimal(CASH), risk_per_trade=Decimal(1), leverage=Decimal(1), max_positions=1,
        max_daily_loss=Decimal(10**6), warmup_candles=strategy.warmup(parameters),
    )  # fmt: skip
    settings = Settings(
        strategy, parameters, Decimal(CASH), "USD", limits, sizing=Sizing.FIXED,
        fixed_quantity=Decimal(UNITS), participation=None,
    )  # fmt: skip
    return [
        (int(trade.entry_time.timestamp()), float(trade.entry_price), float(trade.exit_price))
        for trade in backtest(settings, [market]).trades
    ]


def theirs(frame: Any) -> list[tuple[int, float, float]]:
    from backtesting import Backtest, Strategy  # noqa: PLC0415 - slow to import
    from backtesting.lib import crossover  # noqa: PLC0415
    from backtesting.test import SMA  # noqa: PLC0415

    class Crossing(Strategy):  # type: ignore[misc]
        def init(self) -> None:
            self.fast = self.I(SMA, self.data.Close, FAST)
            self.slow = self.I(SMA, self.data.Close, SLOW)

        def next(self) -> None:
            if crossover(self.fast, self.slow):
                self.position.close()
                self.buy(size=UNITS)
            elif crossover(self.slow, self.fast):
                self.position.close()
                self.sell(size=UNITS)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tested = Backtest(frame, Crossing, cash=CASH, commission=float(FEE), finalize_trades=False)
        found: Any = tested.run()
    trades = found._trades.sort_values("EntryTime")  # noqa: SLF001
    return [
        (int(entered.timestamp()), float(entry), float(leaving))
        for entered, entry, leaving in zip(
            trades.EntryTime, trades.EntryPrice, trades.ExitPrice, strict=True
        )
    ]


def peak_bytes(market: Market) -> float:
    """Of a run, beside the candles themselves."""
    tracemalloc.start()
    ours(market)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak / len(market.candles)


if __name__ == "__main__":
    main()
