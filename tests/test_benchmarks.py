"""Each benchmark runs, at a small size, so that it cannot rot. What it measures is not asserted."""

import subprocess
import sys
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
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "ms" in done.stdout
