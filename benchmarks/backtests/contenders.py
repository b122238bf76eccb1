"""Who runs, and what one of them says: each in a process of its own, on the same file."""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.peers.install import python_of
from benchmarks.peers.running import Trade

ROOT = Path(__file__).parents[2]


class Contender(NamedTuple):
    """`environment` is a folder of var/peers; "" = the project's own. `is_same`: all its trades
    must be ours, to the tick; what others do differently is in benchmarks/README.md."""

    name: str
    runner: str
    environment: str = ""
    arguments: tuple[str, ...] = ()
    is_same: bool = False

    @property
    def python(self) -> Path:
        return python_of(self.environment) if self.environment else Path(sys.executable)


OURS = (
    Contender("ours, event path", "ours_runner", arguments=("event",), is_same=True),
    Contender("ours, compiled", "ours_runner", arguments=("compiled",), is_same=True),
)
PEERS = (
    Contender("backtesting", "backtesting_runner", is_same=True),
    Contender("vectorbt", "vectorbt_runner", "vectorbt", is_same=True),
    Contender("freqtrade", "freqtrade_runner", "freqtrade"),
    Contender("nautilus", "nautilus_runner", "nautilus"),
)


class Outcome(NamedTuple):
    """Of each round its seconds; the bytes that the process grew by, at most; its trades."""

    seconds: Sequence[float]
    grown: int
    trades: Sequence[Trade]


class EngineFailed(RuntimeError):
    """An engine ended without an answer; the text is the end of what it said."""


class Task(NamedTuple):
    """So many rounds over the candles of a file, unless they take longer than `seconds`; one at
    least."""

    strategy: str
    candles: Path
    rounds: int
    seconds: float


def run(contender: Contender, task: Task) -> Outcome | str:
    """Why it cannot run this strategy, where it says so. Raises EngineFailed."""
    command = [
        str(contender.python), "-m", f"benchmarks.peers.{contender.runner}",
        *contender.arguments, str(task.candles), task.strategy, str(task.rounds),
        str(task.seconds),
    ]  # fmt: skip
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise EngineFailed(f"{contender.name}: {done.stderr[-2000:]}")
    told = json.loads(done.stdout.splitlines()[-1])
    if "cannot" in told:
        return str(told["cannot"])
    return Outcome(told["seconds"], told["bytes"], [Trade(*trade) for trade in told["trades"]])
