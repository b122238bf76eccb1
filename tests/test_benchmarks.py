"""Each benchmark runs, at a small size, so that it cannot rot. What it measures is not asserted."""

import json
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SMALL = {
    "fanout.py": ["--subscribers", "20", "--rounds", "1"],
    "crash.py": ["--kills", "2", "--people", "10"],
    "kill_switch.py": ["--orders", "20", "--rounds", "1", "--races", "3"],
    "streams.py": ["--clients", "20", "--rounds", "3", "--rate", "20", "--seconds", "1"],
    "api.py": ["--people", "20", "--rounds", "1", "--seconds", "0.2"],
    "sweep.py": ["--combinations", "6", "--candles", "1500", "--rounds", "1"],
    "backtest.py": ["--candles", "1500", "--rounds", "1", "--peers", "backtesting"],
    "candles.py": ["--rows", "2000", "--instruments", "20", "--rounds", "1"],
    "indicators.py": ["--rows", "3000", "--rounds", "1"],
    "scan.py": ["--instruments", "20", "--minutes", "120", "--rounds", "1"],
}


def test_every_benchmark_is_run_here() -> None:
    assert {path.name for path in (ROOT / "benchmarks").glob("*.py")} == set(SMALL)


@pytest.mark.parametrize("name", SMALL)
def test_the_benchmark_runs(name: str, child_environment: Mapping[str, str]) -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "benchmarks" / name, *SMALL[name]],
        env=child_environment,
        capture_output=True,
        text=True,
        timeout=600,  # a slow machine is no fault of ours; one that hangs is
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "ms" in done.stdout


NOBODY_RUNS = """
import sys
from benchmarks import kill_switch

def fall(market):
    raise RuntimeError("the submitting thread fell")

kill_switch.Market._submit_and_hang_up = fall
sys.argv = ["kill_switch.py", "--orders", "4", "--rounds", "1", "--races", "1"]
kill_switch.main()
"""


def test_a_race_of_the_kill_switch_that_nobody_ran_proves_nothing(
    child_environment: Mapping[str, str],
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", NOBODY_RUNS], cwd=ROOT, env=child_environment, capture_output=True,
        text=True, timeout=600, check=False,
    )  # fmt: skip
    assert done.returncode != 0
    assert done.stderr.rstrip().endswith("RuntimeError: the submitting thread fell")


INTERRUPTED = """
import signal
signal.signal(signal.SIGALRM, lambda *_: None)
signal.setitimer(signal.ITIMER_REAL, 0.05, 0.05)
from benchmarks.stage.telling import tell
tell("x" * 200_000)
"""


def test_an_answer_longer_than_a_pipe_is_told_whole(child_environment: Mapping[str, str]) -> None:
    told = subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED], cwd=ROOT, stdout=subprocess.PIPE, text=True,
        env={**child_environment, "PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
    time.sleep(0.5)  # the pipe is full, and signals come in
    out, _ = told.communicate(timeout=30)
    assert len(json.loads(out)) == 200_000
