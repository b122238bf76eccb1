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
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.backtests.comparing import Agreement, agreement
from benchmarks.backtests.contenders import OURS, PEERS, Contender, Outcome, Task, run
from benchmarks.backtests.history import save
from benchmarks.peers.running import read

BESIDE = "backtesting"  # what all others are measured against
STRATEGIES = ("sma", "rich")


class Row(NamedTuple):
    name: str
    outcome: Outcome
    agreement: Agreement


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
                report(measured(present, task, all_same=not chosen.gaps), count)
            print(f"{'floor':<18}{floor(file, chosen.rounds) * 1000:>12,.2f} ms")


def measured(contenders: Sequence[Contender], task: Task, *, all_same: bool) -> Sequence[Row]:
    """The first of them is what the others' trades are compared with."""
    rows: list[Row] = []
    for contender in contenders:
        outcome = run(contender, task)
        expected = rows[0].outcome if rows else outcome
        found = agreement(expected.trades, outcome.trades)
        must = contender.is_same or all_same
        assert found.is_whole or not must, f"{contender.name} trades differently: {found}"
        rows.append(Row(contender.name, outcome, found))
        print(f"  {contender.name} done", file=sys.stderr, flush=True)
    return rows


def report(rows: Sequence[Row], count: int) -> None:
    beside = next((median(row.outcome.seconds) for row in rows if row.name == BESIDE), None)
    for row in rows:
        middle, same = median(row.outcome.seconds), row.agreement
        ratio = "" if beside is None else f"{beside / middle:>9.3g} x {BESIDE}"
        print(
            f"{row.name:<18}{middle * 1000:>12,.1f} ms{count / middle:>14,.0f} candles/s{ratio}"
            f"{row.outcome.grown / count:>8,.0f} bytes a candle, {len(row.outcome.seconds)} rounds;"
            f" {same.theirs:,} trades, as ours: {same.entries:,} entries ({same.entry_prices:,} at"
            f" the price), {same.exits:,} exits ({same.exit_prices:,} at the price)"
        )
        for one, other in same.examples:
            print(f"    differs: {tuple(other)}, ours {tuple(one)}")


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
