"""A made-up minute market of a million candles in a second: phases of two hours that rise, fall,
range or panic, and gaps between a close and the next open, so that an engine which fills at the
wrong one of the two is seen."""

from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.peers.rules import TICK

BEGINS = 1_767_225_600  # 2026-01-01, UTC
PHASE = 120
FIRST_PRICE = 60_000.0
GAP, WICK = 0.2, 0.6  # of the noise of a minute
# Of a minute, in logarithms of the price: drift, noise.
PHASES = np.array([(1.2e-4, 4e-4), (-1.2e-4, 4e-4), (0.0, 3e-4), (0.0, 1.2e-3)])


def columns(count: int, *, gaps: bool = True, seed: int = 7) -> dict[str, Any]:
    """By the names of the fields of `benchmarks.peers.running.Candles`."""
    random = np.random.default_rng(seed)
    kinds = random.integers(0, len(PHASES), count // PHASE + 1)
    drift, noise = PHASES[np.repeat(kinds, PHASE)[:count]].T
    path = np.cumsum(drift + noise * random.standard_normal(count))
    gap = GAP * gaps * noise * random.standard_normal(count)
    opens = np.concatenate([[0.0], path[:-1]]) + gap
    wicks = WICK * noise * np.abs(random.standard_normal((2, count)))
    highs, lows = np.maximum(opens, path) + wicks[0], np.minimum(opens, path) - wicks[1]
    prices = {"open": opens, "high": highs, "low": lows, "close": path}
    found = {name: _on_tick(logarithms) for name, logarithms in prices.items()}
    found["volume"] = np.round(100 * random.lognormal(0, 0.6, count), 6)
    return {"close_times": BEGINS + 60 * np.arange(1, count + 1), **found}


def save(count: int, folder: Path, *, gaps: bool) -> Path:
    file = folder / f"{count}.npz"
    np.savez(file, **columns(count, gaps=gaps))
    return file


def _on_tick(logarithms: Any) -> Any:
    ticks = np.rint(FIRST_PRICE / TICK * np.exp(logarithms))
    return ticks / round(1 / TICK)  # the float that is nearest to the decimal
