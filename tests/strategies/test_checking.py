"""A strategy is looked at in processes of its own; what they say is compared."""

import json
import subprocess
import sys
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from apps.common.errors import Refused
from apps.strategies.checking import HASH_SEEDS, check
from apps.strategies.rehearsal import NotRehearsable, Request, subject_of
from trading.integrity import Check, Status, Verdict
from trading.strategies import REGISTRY, ParametersNotUsable

ROOT = Path(__file__).parents[2]
ALL_TRANSCRIPTS = """
from trading.candles import Timeframe
from trading.integrity import decider, look_at_markets, transcript
from trading.strategies import REGISTRY
for strategy in REGISTRY.values():
    subject = decider(strategy, {})
    print(strategy.code, transcript(subject, look_at_markets(subject, Timeframe.M15)))
"""


def by_check(verdicts: list[Verdict]) -> dict[Check, Verdict]:
    return {verdict.check: verdict for verdict in verdicts}


def told(*arguments: str, **options: Any) -> tuple[str, int]:
    """What the command writes, and its exit status."""
    out = StringIO()
    try:
        call_command("check_strategy", *arguments, stdout=out, **options)
    except CommandError as error:
        return out.getvalue(), error.returncode
    return out.getvalue(), 0


def test_the_built_ins_say_the_same_whatever_the_hash_seed() -> None:
    said = [
        subprocess.run(
            [sys.executable, "-c", ALL_TRANSCRIPTS],
            cwd=ROOT,
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in HASH_SEEDS
    ]

    assert all(code.encode() in said[0] for code in REGISTRY)
    assert said[0] == said[1]


def test_a_strategy_that_passes_ends_with_0_and_a_line_for_each_check() -> None:
    out, status = told("sma_crossover", "--param", "fast=10", "--param", "stop_loss=0.01")

    lines = [line.split()[:2] for line in out.splitlines()]
    assert sorted(lines) == sorted(["pass", check.value] for check in Check)
    assert status == 0


def test_an_order_that_depends_on_hashes_is_caught() -> None:
    verdict = by_check(check(Request("tests.trading.leaks:HASHED")))[Check.DETERMINISM]

    assert verdict.status is Status.FAIL
    assert "Another process says something else: enter_long at 2026-" in verdict.reason


def test_who_is_too_slow_is_told_so_without_waiting_for_the_rest() -> None:
    verdicts = by_check(check(Request("tests.trading.leaks:SLOW")))

    assert verdicts[Check.RUNTIME].status is Status.FAIL
    assert verdicts[Check.RUNTIME].numbers["worst_seconds"] >= 0.06
    assert Check.TRUNCATION not in verdicts


def test_who_never_ends_is_ended() -> None:
    request = Request("tests.trading.leaks:ENDLESS")

    (verdict,) = check(request, time_limit=timedelta(seconds=3))

    assert (verdict.check, verdict.status) == (Check.RUNTIME, Status.FAIL)


def test_who_ends_its_process_is_told_so() -> None:
    (verdict,) = check(Request("tests.trading.leaks:DYING"))

    assert (verdict.check, verdict.status) == (Check.USABLE, Status.FAIL)
    assert verdict.reason.endswith("the strategy ended the process.")


def test_columns_that_look_ahead_end_with_1_and_tell_where() -> None:
    out, status = told("tests.trading.leaks:shifted_back", "--warmup", "60", "--json")

    answer = json.loads(out)
    assert (answer["status"], status) == ("fail", 1)
    found = {verdict["check"]: verdict for verdict in answer["verdicts"]}
    assert found["truncation"]["violation"]["where"] == "average"
    assert found["truncation"]["violation"]["at"].startswith("2026-06-01T")


@pytest.mark.parametrize(
    ("request_", "why"),
    [
        (Request("nope"), "There is no strategy 'nope'"),
        (Request("tests.trading.leaks:NOPE"), "cannot be imported"),
        (Request("tests.trading.leaks:LENGTH"), "neither a Strategy nor a function"),
        (Request("tests.trading.leaks:centred"), "needs a warm-up"),
        (Request("sma_crossover", {"fast": 60}), "must be less than slow"),
        (Request("sma_crossover", warmup=5), "declares its warm-up itself"),
    ],
)
def test_what_cannot_be_looked_at_is_refused(request_: Request, why: str) -> None:
    with pytest.raises((NotRehearsable, ParametersNotUsable), match=why):
        subject_of(request_)


def test_a_refusal_comes_back_from_the_process() -> None:
    with pytest.raises(Refused, match="There is no strategy 'nope'"):
        check(Request("nope"))


@pytest.mark.parametrize(
    "arguments",
    [["--param", "fast"], ["--param", "fast=quick"], ["--param", "=1"], ["--timeframe", "7m"]],
)
def test_an_argument_that_cannot_be_read_is_refused(arguments: list[str]) -> None:
    with pytest.raises(CommandError, match="argument --"):
        call_command("check_strategy", "sma_crossover", *arguments)
