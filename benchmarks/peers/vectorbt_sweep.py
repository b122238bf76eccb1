"""vectorbt: `python -m benchmarks.peers.vectorbt_sweep CANDLES PAIRS AT_ONCE`, many crossovers of
averages over one history. CANDLES is a file of `benchmarks.backtests.history`, PAIRS one of the
lengths. So many are done AT_ONCE: its arrays are as wide as that, and all of a thousand may not fit
in memory.
"""

import argparse
import time
from pathlib import Path
from typing import Any

import numpy as np
import vectorbt as vbt

from benchmarks.peers.rules import SAME
from benchmarks.peers.running import Candles, read, rss
from benchmarks.peers.sweeping import CASH, FEE, FIGURES
from benchmarks.stage.telling import tell


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("candles", type=Path)
    parser.add_argument("pairs", type=Path)
    parser.add_argument("at_once", type=int)
    chosen = parser.parse_args()
    candles, pairs = read(chosen.candles), np.load(chosen.pairs)
    swept(candles.first(2_000), pairs[:2])  # compiles
    before, cpu, clock = rss("VmRSS"), time.process_time(), time.perf_counter()
    parts = [
        swept(candles, pairs[first : first + chosen.at_once])
        for first in range(0, len(pairs), chosen.at_once)
    ]
    told = {
        "seconds": time.process_time() - cpu,
        "clock": time.perf_counter() - clock,
        "bytes": rss("VmHWM") - before,
        "figures": [figures for part in parts for figures in part],
    }
    tell(told)


def swept(candles: Candles, pairs: Any) -> Any:
    """Of each pair the FIGURES."""
    fast = vbt.MA.run(candles.close, pairs[:, 0].tolist()).ma.to_numpy().reshape(len(candles), -1)
    slow = vbt.MA.run(candles.close, pairs[:, 1].tolist()).ma.to_numpy().reshape(len(candles), -1)
    up, down = fast - slow > SAME, slow - fast > SAME
    # From the first candle on of which the one before has both averages; filled at the next open.
    known = np.arange(len(up) - 1)[:, None] >= pairs[:, 1] - 1
    long, short = np.zeros(up.shape, bool), np.zeros(up.shape, bool)
    long[2:] = (up[1:] & ~up[:-1] & known)[:-1]
    short[2:] = (down[1:] & ~down[:-1] & known)[:-1]
    closes = np.broadcast_to(candles.close[:, None], long.shape)
    found = vbt.Portfolio.from_signals(
        closes, entries=long, short_entries=short, price=candles.open[:, None], fees=FEE,
        init_cash=CASH, freq="1h", upon_opposite_entry="reverse",
    )  # fmt: skip
    trades = found.trades.closed
    figures = {
        "trades": trades.count(),
        "win_rate": trades.win_rate(),
        "total_return": found.total_return(),
        "max_drawdown": found.max_drawdown(),
        "sharpe": found.sharpe_ratio(),
        "profit_factor": trades.profit_factor(),
        "expectancy": trades.expectancy(),
    }
    return np.stack([np.asarray(figures[name], float) for name in FIGURES], axis=1).tolist()


if __name__ == "__main__":
    main()
