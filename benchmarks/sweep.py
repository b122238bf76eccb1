"""A sweep of average crossovers: our compiled path with every figure of each combination, beside a
bare kernel that knows no rules, and `vectorbt` where it is installed.

    python benchmarks/sweep.py --combinations 1000 --candles 100000 --rounds 5

All trade all the money at the next open, long and short, for a fee of 0.1 %. The bare kernel keeps
cash, position, drawdown and the number of trades in floats: about what a machine can do at most. Of
ours some combinations are run on the event path, too, over some candles, and their trades compared.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from itertools import product
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import numpy as np

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.peers.install import python_of
from benchmarks.peers.running import rss
from benchmarks.peers.sweeping import CASH, FIGURES
from benchmarks.peers.sweeping import FEE as FEE_SHARE
from trading import synthetic
from trading.backtest import Market, Settings, Sizing, backtest
from trading.candles import CandleSeries, Timeframe
from trading.compiled import run
from trading.compiled.machine import compiled
from trading.compiled.measuring import Swept
from trading.compiled.sweep import sweep
from trading.gates.codes import GateCode
from trading.gates.values import Limits
from trading.instruments import AssetClass, InstrumentRules, InstrumentStatus
from trading.strategies import REGISTRY

FEE, TICK, THREADS = Decimal(str(FEE_SHARE)), Decimal("0.01"), 2
NEAR = 1e-3  # of a fraction that both tell
# An entry with all the money is refused so where that is less than the smallest order takes.
TOO_POOR = {GateCode.INSUFFICIENT_BALANCE, GateCode.NOTIONAL_BELOW_MINIMUM}
COMPARED = 3_000  # candles, with the event path
BEGINS = datetime(2020, 1, 1, tzinfo=UTC)
COLUMNS = ("open", "high", "low", "close", "volume")
STRATEGY = REGISTRY["sma_crossover"]


class Taken(NamedTuple):
    """Seconds of the processor and of the clock; bytes that the process grew by, at most."""

    cpu: float
    clock: float
    grown: int


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--combinations", type=int, default=1_000)
    parser.add_argument("--candles", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--at-once", type=int, default=100, help="combinations, of vectorbt")
    chosen = parser.parse_args()
    market, pairs = history(chosen.candles), chosen_pairs(chosen.combinations)
    sets = [
        STRATEGY.parse({"fast": fast, "slow": slow, "stop_loss": 0, "take_profit": 0})
        for fast, slow in pairs
    ]
    settings = settings_of(sets[0])
    swept = sweep(settings, market, sets)  # compiles
    bare(market, pairs[:1])
    rounds: dict[str, list[Taken]] = {"ours": [], "bare kernel": []}
    for _ in range(chosen.rounds):
        rounds["ours"].append(taken(lambda: sweep(settings, market, sets, threads=THREADS)))
        rounds["bare kernel"].append(taken(lambda: bare(market, pairs)))
    told = beside(market, pairs, chosen.at_once)
    if told is not None:
        rounds["vectorbt"] = [Taken(told["seconds"], told["clock"], told["bytes"])]
    for name, found in rounds.items():
        tell(name, found, len(sets), rounds["ours"])
    if told is not None:
        agree(swept, told["figures"], market)
    compare(settings, history(min(chosen.candles, COMPARED)), sets[:: max(1, len(sets) // 3)])


def taken(run: Callable[[], Any]) -> Taken:
    forget_peak()
    before, cpu, clock = rss("VmRSS"), time.process_time(), time.perf_counter()
    run()
    cpu, clock = time.process_time() - cpu, time.perf_counter() - clock
    return Taken(cpu, clock, rss("VmHWM") - before)


def forget_peak() -> None:
    """The most memory so far of this process, as Linux counts it."""
    peak = Path("/proc/self/clear_refs")
    if peak.exists():
        peak.write_text("5")


def tell(name: str, rounds: list[Taken], count: int, ours: list[Taken]) -> None:
    cpu, clock = (median(each[kind] for each in rounds) for kind in (0, 1))
    ahead, ahead_clock = (median(each[kind] for each in ours) for kind in (0, 1))
    print(
        f"{name:<14}{cpu * 1000 / count:>10.3f} ms of processor a combination"
        f"{cpu / ahead:>8.2f} x ours{clock:>10.2f} s by the clock{clock / ahead_clock:>8.2f} x ours"
        f"{max(each.grown for each in rounds) / 1e6:>8,.0f} MB",
        flush=True,
    )


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


def beside(market: Market, pairs: list[tuple[int, int]], at_once: int) -> dict[str, Any] | None:
    """What vectorbt takes and says, in a process and an environment of its own."""
    python = python_of("vectorbt")
    if not python.exists():
        print("vectorbt is not installed (benchmarks/peers/install.py): left out")
        return None
    series = market.series
    with tempfile.TemporaryDirectory() as folder:
        candles, lengths = Path(folder) / "candles.npz", Path(folder) / "pairs.npy"
        columns = {name: getattr(series, name) for name in COLUMNS}
        np.savez(candles, close_times=series.close_times, **columns)
        np.save(lengths, np.array(pairs))
        command = [str(python), "-m", "benchmarks.peers.vectorbt_sweep"]
        done = subprocess.run(
            [*command, str(candles), str(lengths), str(at_once)],
            cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


def agree(swept: Sequence[Swept], theirs: Sequence[Sequence[float]], market: Market) -> None:
    """All trade alike: as often, and with about the same outcome. But theirs buys fractions of any
    size and goes on with the last cent, and ours keeps to the smallest order."""
    others = [ours for ours, told in zip(swept, theirs, strict=True) if not is_same(ours, told)]
    print(
        f"{len(swept) - len(others)} of {len(swept)} trade as vectorbt's do: trades, win rate and "
        f"total return; the other {len(others)} have run out of money for the smallest order"
    )
    assert all(ran_out(each.parameters, market) for each in others)


def is_same(ours: Swept, told: Sequence[float]) -> bool:
    other = dict(zip(FIGURES, told, strict=True))
    if ours.trades.trades != other["trades"]:
        return False
    pairs = (
        (ours.equity.total_return, other["total_return"]),
        (ours.trades.win_rate, other["win_rate"]),
    )
    return all(abs((mine or 0) - their) < NEAR for mine, their in pairs)


def ran_out(parameters: Any, market: Market) -> bool:
    """Whether an entry was refused because all the money was too little for it."""
    decisions = run(settings_of(parameters), [market]).decisions
    return any(row.code in TOO_POOR for row in decisions)


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
