"""What every runner does: read the candles, warm up, run its rounds, tell what it saw in JSON.

Runs in environments of others: nothing but NumPy and the standard library here.
"""

import argparse
import resource
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Self

import numpy as np

from benchmarks.peers.rules import Floats
from benchmarks.stage.telling import tell

WARM_UP = 5_000  # candles


@dataclass(frozen=True, slots=True)
class Candles:
    """A history of minutes; `close_times` are seconds since the epoch, UTC."""

    close_times: Any
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Floats

    def first(self, count: int) -> Self:
        return type(self)(
            self.close_times[:count], self.open[:count], self.high[:count], self.low[:count],
            self.close[:count], self.volume[:count],
        )  # fmt: skip

    def __len__(self) -> int:
        return len(self.close)


class Trade(NamedTuple):
    """A position from its first fill to its last: the candles in which they were, the side (1 or
    -1), the average prices, and the kind of its last exit, as far as the engine tells."""

    entered: int
    left: int
    side: int
    entry_price: float
    exit_price: float
    reason: str = ""


class Fill(NamedTuple):
    candle: int
    quantity: float  # signed
    price: float
    reason: str = ""


class CannotRun(Exception):
    """The engine has no way to say what is asked; the text is why."""


class Prepared(NamedTuple):
    """`run` is what is timed; `told` makes trades of what it gave."""

    run: Callable[[], Any]
    told: Callable[[Any], Sequence[Trade]]


Prepare = Callable[[str, Candles], Prepared]
"""Of a strategy (sma, rich) and a history: all that an engine's user has done beforehand."""


def main(prepare: Prepare) -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("candles", type=Path)
    parser.add_argument("strategy", choices=("sma", "rich"))
    parser.add_argument("rounds", type=int)
    parser.add_argument("seconds", type=float)  # no round begins after so many
    chosen = parser.parse_args()
    candles = read(chosen.candles)
    try:
        prepare(chosen.strategy, candles.first(WARM_UP)).run()
    except CannotRun as why:
        tell({"cannot": str(why)})
        return
    before = rss("VmRSS")
    prepared = prepare(chosen.strategy, candles)
    seconds: list[float] = []
    found: Any = None
    while len(seconds) < chosen.rounds and sum(seconds) < chosen.seconds:
        found = None  # what the round before gave is no part of this one's memory
        # Of the processor: the clock on the wall also counts what else runs on the machine.
        started = time.process_time()
        found = prepared.run()
        seconds.append(time.process_time() - started)
    peak = rss("VmHWM")
    trades = prepared.told(found)
    tell({"seconds": seconds, "bytes": peak - before, "trades": trades})


def read(file: Path) -> Candles:
    with np.load(file) as columns:
        return Candles(**{name: columns[name] for name in columns.files})


def rss(line: str) -> int:
    """Bytes of memory of this process: now (VmRSS), at most (VmHWM)."""
    status = Path("/proc/self/status")
    if not status.exists():  # not Linux: the most is all that is known
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    values = dict(each.split(":", 1) for each in status.read_text().splitlines())
    return int(values[line].split()[0]) * 1024


def trades_of(fills: Iterable[Fill]) -> list[Trade]:
    """Positions, flat to flat, in the order of the fills; one that is still open is left out. A
    fill that turns the position closes one and opens the next."""
    trades: list[Trade] = []
    held, entered, paid, left_at = 0.0, Fill(0, 0, 0), 0.0, 0.0
    for fill in fills:
        rest = fill.quantity
        if held and held * rest < 0:
            closing = min(abs(held), abs(rest))
            left_at += closing * fill.price
            paid += closing
            held += np.sign(rest) * closing
            rest -= np.sign(rest) * closing
            if not held:
                side = 1 if entered.quantity > 0 else -1
                trades.append(
                    Trade(entered.candle, fill.candle, side, entered.price, left_at / paid,
                          fill.reason)
                )  # fmt: skip
        if rest and not held:
            entered, paid, left_at = fill, 0.0, 0.0
            held = rest
    return trades
