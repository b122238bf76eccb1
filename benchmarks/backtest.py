"""Two strategies over a long history: our engines beside those of others, their trades compared.

    python benchmarks/peers/install.py vectorbt freqtrade nautilus
    python benchmarks/backtest.py --candles 100000 1000000 --rounds 5

Each engine runs in a process of its own on the same candles; a peer that is not installed is named.
What is asked of them, and why some trade differently, is in benchmarks/README.md: without gaps
between a close and the next open (`--no-gaps`) none does. Times are of the processor. An engine
that has used up its `--seconds` makes fewer rounds. The floor is one pass over the five columns.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.backtests.comparing import Agreement, agreement
from benchmarks.backtests.contenders import OURS, PEERS, Contender, Outcome, Task, run
from benchmarks.backtests.history import save
from benchmarks.peers.running import Trade, read

BESIDE = "backtesting"  # what all others are measured against
STRATEGIES = ("sma", "rich")


def main() -> None:
    names = [peer.name for peer in PEERS]
    parser = argparse.ArgumentParser()
    parser.add_argument("--candles", type=int, nargs="+", default=[100_000])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--no-gaps", dest="gaps", action="store_false")
    parser.add_argument("--strategy", nargs="+", choices=STRATEGIES, default=STRATEGIES)
    parser.add_argument("--peers", nargs="*", choices=names, default=names)
    chosen = parser.parse_args()
    asked = [*OURS, *(peer for peer in PEERS if peer.name in chosen.peers)]
    for contender in asked:
        if not contender.python.exists():
            print(f"{contender.name}: not installed (benchmarks/peers/install.py), left out")
    present = [contender for contender in asked if contender.python.exists()]
    with tempfile.TemporaryDirectory() as folder:
        for count in chosen.candles:
            file = save(count, Path(folder), gaps=chosen.gaps)
            for strategy in chosen.strategy:
                print(f"\n{strategy}, {count:,} candles", flush=True)
                task = Task(strategy, file, chosen.rounds, chosen.seconds)
                compare(present, task, count, all_same=not chosen.gaps)
            print(f"{'floor':<18}{floor(file, chosen.rounds) * 1000:>12,.2f} ms")


def compare(contenders: Sequence[Contender], task: Task, count: int, *, all_same: bool) -> None:
    """Tell of each as soon as it is done. The first is the one whose trades the others' are
    compared with."""
    taken: dict[str, float] = {}
    expected: Sequence[Trade] | None = None
    for contender in contenders:
        outcome = run(contender, task)
        if isinstance(outcome, str):
            print(f"{contender.name:<18}cannot: {outcome}", flush=True)
            continue
        expected = outcome.trades if expected is None else expected
        found = agreement(expected, outcome.trades)
        must = contender.is_same or all_same
        assert found.is_whole or not must, f"{contender.name} trades differently: {found}"
        taken[contender.name] = median(outcome.seconds)
        tell(contender.name, outcome, found, count)
    if BESIDE in taken:
        ratios = (f"{name} {taken[BESIDE] / seconds:.3g}" for name, seconds in taken.items())
        print(f"times the speed of {BESIDE}: " + ", ".join(ratios))


def tell(name: str, outcome: Outcome, same: Agreement, count: int) -> None:
    middle = median(outcome.seconds)
    print(
        f"{name:<18}{middle * 1000:>12,.1f} ms{count / middle:>14,.0f} candles/s"
        f"{outcome.grown / count:>8,.0f} bytes a candle, {len(outcome.seconds)} rounds;"
        f" {same.theirs:,} trades, as ours: {same.entries:,} entries ({same.entry_prices:,} at"
        f" the price), {same.exits:,} exits ({same.exit_prices:,} at the price)",
        flush=True,
    )
    for one, other in same.examples:
        print(f"    differs: {tuple(other)}, ours {tuple(one)}", flush=True)


def floor(file: Path, rounds: int) -> float:
    candles, taken = read(file), []
    columns = (candles.open, candles.high, candles.low, candles.close, candles.volume)
    for _ in range(rounds):
        started = time.process_time()
        sum(float(column.sum()) for column in columns)
        taken.append(time.process_time() - started)
    return median(taken)


if __name__ == "__main__":
    main()
