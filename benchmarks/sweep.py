"""A sweep of average crossovers: our compiled path with every figure of each combination, beside a
bare kernel that knows no rules, and `vectorbt` where it is installed.

    python benchmarks/sweep.py --combinations 1000 --candles 100000 --rounds 5

All trade all the money at the next open, long and short, for a fee of 0.1 %. The bare kernel keeps
cash, position, drawdown and the number of trades in floats: about what a machine can do at most. Of
ours some combinations are run on the event path, too, over some candles, and their trades compared.
"""

import argparse
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from itertools import product
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from trading import synthetic
from trading.backtest import Market, Settings, Sizing, backtest
from trading.candles import CandleSeries, Timeframe
from trading.compiled.machine import compiled
from trading.compiled.sweep import sweep
from trading.gates.values import Limits
from trading.instruments import AssetClass, InstrumentRules, InstrumentStatus
from trading.strategies import REGISTRY

FEE, TICK, CASH, THREADS = Decimal("0.001"), Decimal("0.01"), 100_000, 2
COMPARED = 3_000  # candles, with the event path
BEGINS = datetime(2020, 1, 1, tzinfo=UTC)
COLUMNS = ("open", "high", "low", "close", "volume")
STRATEGY = REGISTRY["sma_crossover"]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--combinations", type=int, default=1_000)
    parser.add_argument("--candles", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    chosen = parser.parse_args()
    market, pairs = history(chosen.candles), chosen_pairs(chosen.combinations)
    sets = [
        STRATEGY.parse({"fast": fast, "slow": slow, "stop_loss": 0, "take_profit": 0})
        for fast, slow in pairs
    ]
    settings = settings_of(sets[0])
    contenders: dict[str, Callable[[], Any]] = {
        "ours": lambda: sweep(settings, market, sets, threads=THREADS),
        "bare kernel": lambda: bare(market, pairs),
        **peers(market, pairs),
    }
    for run in contenders.values():
        run()  # compiles
    seconds: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(chosen.rounds):
        for name, run in contenders.items():
            started = time.perf_counter()
            run()
            seconds[name].append(time.perf_counter() - started)
    ahead = median(seconds["ours"])
    for name, taken in seconds.items():
        middle = median(taken)
        print(
            f"{name:<14}{middle * 1000:>12.1f} ms{len(sets) / middle:>12,.0f} combinations/s"
            f"{middle / ahead:>10.2f} x our time",
            flush=True,
        )
    compare(settings, history(min(chosen.candles, COMPARED)), sets[:: max(1, len(sets) // 3)])


def history(count: int) -> Market:
    rules = InstrumentRules(
        symbol="BTC-USD", base="BTC", quote="USD", asset_class=AssetClass.CRYPTO,
        price_increment=TICK, quantity_increment=Decimal("0.000001"),
        min_quantity=Decimal("0.000001"), min_notional=Decimal(1), maker_fee=FEE, taker_fee=FEE,
        is_shortable=True, status=InstrumentStatus.TRADING,
    )  # fmt: skip
    length = Timeframe.H1
    walk = synthetic.Market(7, "BTC-USD", TICK)
    candles = list(synthetic.candles(walk, length, BEGINS, BEGINS + count * length.duration))
    columns = [np.array([float(getattr(item, name)) for item in candles]) for name in COLUMNS]
    closes = np.array([int(item.close_time.timestamp()) for item in candles])
    return Market(rules, candles, CandleSeries("BTC-USD", length, closes, *columns))


def chosen_pairs(count: int) -> list[tuple[int, int]]:
    """Evenly out of 1,000: fast averages of 5 to 29 candles, slow ones of 30 to 225."""
    pairs = list(product(range(5, 30), range(30, 230, 5)))
    return pairs[:: max(1, len(pairs) // count)][:count]


def settings_of(parameters: Any) -> Settings:
    limits = Limits(
        capital=Decimal(CASH), risk_per_trade=Decimal(1), leverage=Decimal(1), max_positions=1,
        max_daily_loss=Decimal(10**6), warmup_candles=STRATEGY.warmup(parameters),
    )  # fmt: skip
    return Settings(
        STRATEGY, parameters, Decimal(CASH), "USD", limits, sizing=Sizing.ALL_IN,
        participation=None,
    )  # fmt: skip


def bare(market: Market, pairs: list[tuple[int, int]]) -> list[float]:
    """One thread, so that it is what one core can do; ours has two."""
    run = compiled(cross)
    series = market.series
    return [run(series.open, series.close, fast, slow, float(FEE)) for fast, slow in pairs]


def cross(opens: Any, closes: Any, fast: int, slow: int, fee: float) -> float:
    cash, held, highest, deepest = 1.0, 0.0, 1.0, 0.0
    of_fast, of_slow, side, wanted = 0.0, 0.0, 0, 0
    for row in range(len(closes)):
        if wanted != side:
            worth = cash + held * opens[row]
            worth -= abs(held) * opens[row] * fee
            held = wanted * worth / (opens[row] * (1 + fee))
            cash = worth - held * opens[row] - abs(held) * opens[row] * fee
            side = wanted
        of_fast += closes[row]
        of_slow += closes[row]
        if row >= fast:
            of_fast -= closes[row - fast]
        if row >= slow:
            of_slow -= closes[row - slow]
            wanted = 1 if of_fast / fast > of_slow / slow else -1
        equity = cash + held * closes[row]
        highest = max(highest, equity)
        deepest = max(deepest, 1 - equity / highest)
    return deepest


def peers(market: Market, pairs: list[tuple[int, int]]) -> dict[str, Callable[[], Any]]:
    try:
        import vectorbt  # noqa: PLC0415 - the peer's
    except ImportError:
        print("vectorbt is not installed: left out")
        return {}
    import pandas as pd  # noqa: PLC0415

    close, opened = pd.Series(market.series.close), pd.Series(market.series.open)
    fasts, slows = [fast for fast, _ in pairs], [slow for _, slow in pairs]

    def run() -> Any:
        fast = vectorbt.MA.run(close, fasts, short_name="fast")
        slow = vectorbt.MA.run(close, slows, short_name="slow")
        entries, exits = fast.ma_crossed_above(slow), fast.ma_crossed_below(slow)
        entries, exits = entries.shift(1, fill_value=False), exits.shift(1, fill_value=False)
        made = vectorbt.Portfolio.from_signals(
            close, entries, short_entries=exits, price=opened, fees=float(FEE), init_cash=CASH,
            freq="1h",
        )  # fmt: skip
        return made.total_return(), made.sharpe_ratio(), made.max_drawdown(), made.trades.win_rate()

    return {"vectorbt": run}


def compare(settings: Settings, market: Market, sets: list[Any]) -> None:
    """Against the event path."""
    for parameters, swept in zip(sets, sweep(settings, market, sets), strict=True):
        exact = backtest(settings_of(parameters), [market])
        assert swept.trades.trades == len(exact.trades)
        gained = float(sum((trade.pnl for trade in exact.trades), Decimal(0)))
        assert abs(swept.trades.net_pnl - gained) < 1e-6 * CASH
    print(f"{len(sets)} of them are the same on the event path")


if __name__ == "__main__":
    main()
