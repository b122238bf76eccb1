"""Checks the integrity of a strategy: starts the processes, waits, and compares what they say."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.conf import settings

from apps.common.errors import Refused
from apps.strategies.rehearsal import Request, write_request
from trading.integrity import Check, Line, Verdict, determinism, failed, from_json

TIME_LIMIT = timedelta(minutes=2)
"""For a whole rehearsal. A built-in takes a second; who takes this long is too slow to be used."""
HASH_SEEDS = ("1", "2")
"""One process each: the order of a set of words is another in each of them."""


def check(request: Request, *, time_limit: timedelta = TIME_LIMIT) -> list[Verdict]:
    """A verdict on each check that could be made, in processes that inherit no environment. Raises
    Refused NOT_REHEARSABLE."""
    with TemporaryDirectory() as folder, _rehearsals(request, Path(folder)) as processes:
        until = time.monotonic() + time_limit.total_seconds()
        answers = [
            _answer(process, Path(folder) / f"answer-{seed}", until)
            for seed, process in zip(HASH_SEEDS, processes, strict=True)
        ]
    broken = [answer for answer in answers if isinstance(answer, Verdict)]
    if broken:
        return broken[:1]
    told = [answer for answer in answers if isinstance(answer, dict)]
    for answer in told:
        if "refused" in answer:
            raise Refused("NOT_REHEARSABLE", answer["refused"])
    return [*(from_json(verdict) for verdict in told[0]["verdicts"]), _determinism(told)]


def _determinism(answers: Sequence[dict[str, Any]]) -> Verdict:
    for answer in answers:
        if answer["again"] is not None:
            return from_json(answer["again"])
    return determinism(None, [[Line(*line) for line in answer["transcript"]] for answer in answers])


@contextmanager
def _rehearsals(request: Request, folder: Path) -> Iterator[list[subprocess.Popen[str]]]:
    write_request(request, folder / "request")
    processes = [
        subprocess.Popen(  # noqa: S603 (the arguments are ours)
            [
                sys.executable, "-m", "apps.strategies.rehearsal",
                folder / "request", folder / f"answer-{seed}",
            ],
            cwd=settings.BASE_DIR,
            env={"PYTHONHASHSEED": seed},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        for seed in HASH_SEEDS
    ]  # fmt: skip
    try:
        yield processes
    finally:
        for process in processes:
            process.kill()
            process.communicate()


def _answer(process: subprocess.Popen[str], path: Path, until: float) -> dict[str, Any] | Verdict:
    try:
        _, errors = process.communicate(timeout=max(0.0, until - time.monotonic()))
    except subprocess.TimeoutExpired:
        return failed(Check.RUNTIME, "It had not finished when its time was up.")
    if process.returncode or not path.exists():
        last = errors.strip().rpartition("\n")[2] or "it said nothing"
        return failed(Check.USABLE, f"It ended its process ({process.returncode}): {last}.")
    answer: dict[str, Any] = json.loads(path.read_text())
    return answer
