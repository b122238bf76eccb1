"""What is promised of strategies is checked, and each classic way of breaking it is caught."""

from collections.abc import Sequence
from datetime import UTC

import pytest

from tests.trading import leaks
from tests.trading.leaks import HONEST, LEAKS, columns, decider_of
from trading.candles import CandleSeries, Timeframe
from trading.integrity import (
    Check,
    Status,
    Subject,
    Verdict,
    asked_again,
    decider,
    examine,
    look_at_markets,
    overall,
)
from trading.integrity.look_ahead import scramble, truncation
from trading.integrity.warmup import smallest, warmup
from trading.signals import Action, Signal
from trading.strategies import REGISTRY, Strategy

M15 = Timeframe.M15


def examined(subject: Subject) -> dict[Check, Verdict]:
    return {verdict.check: verdict for verdict in examine(subject, look_at_markets(subject, M15))}


# The built-ins


@pytest.mark.parametrize("strategy", REGISTRY.values(), ids=REGISTRY)
def test_every_built_in_passes(strategy: Strategy) -> None:
    subject = decider(strategy, {})
    looks = look_at_markets(subject, M15)

    verdicts = examine(subject, looks)

    assert [verdict for verdict in verdicts if verdict.status is not Status.PASS] == []
    assert asked_again(subject, looks) is None


# Foresight


@pytest.mark.parametrize("leak", LEAKS.values(), ids=LEAKS)
@pytest.mark.parametrize("check", [truncation, scramble])
def test_each_classic_leak_is_caught(leak: object, check: object) -> None:
    assert callable(leak)
    assert callable(check)
    subject = columns(leak)

    verdict = check(subject, look_at_markets(subject, M15))

    assert verdict.status is Status.FAIL
    assert verdict.violation.where in {"average", "score", "hourly", "peak", "enter_long"}
    assert verdict.violation.at.tzinfo is UTC


@pytest.mark.parametrize("function", HONEST.values(), ids=HONEST)
def test_honest_columns_pass(function: object) -> None:
    assert callable(function)

    found = examined(columns(function))

    assert {check: verdict.reason for check, verdict in found.items() if verdict.violation} == {}
    assert {verdict.status for verdict in found.values()} == {Status.PASS}


def test_the_first_violation_is_the_earliest_row_that_knew_too_much() -> None:
    """A mean of twenty, centred, needs ten rows that are yet to come: what is cut off at the row
    `r` is first missed ten rows before its end."""
    subject = columns(leaks.centred)
    looks = look_at_markets(subject, M15)[:1]

    violation = truncation(subject, looks).violation

    assert violation is not None
    assert violation.where == "average"
    assert violation.found == "nan"
    times = looks[0].market.candles.close_times
    row = int((times == violation.at.timestamp()).argmax())
    assert violation.expected == f"{looks[0].table['average'][row]:.10g}"


def test_a_strategy_that_reads_beyond_the_end_of_its_view_is_caught() -> None:
    found = examined(decider_of(leaks.reads_beyond_its_end))

    assert found[Check.TRUNCATION].status is Status.FAIL
    assert found[Check.SCRAMBLE].status is Status.FAIL


def test_who_refuses_nan_is_judged_by_the_noise_alone() -> None:
    def wants_numbers(candles: CandleSeries) -> leaks.Found:
        if candles.close[-1] != candles.close[-1]:
            raise ValueError("NaN")
        return leaks.rolling_mean(candles)

    subject = columns(wants_numbers)

    assert scramble(subject, look_at_markets(subject, M15)).status is Status.PASS


# Silence


def never(candles: CandleSeries) -> Sequence[Signal]:
    return ()


def test_who_never_speaks_leaves_everything_open() -> None:
    found = examined(decider_of(never))

    assert found[Check.TRUNCATION].status is Status.INCONCLUSIVE
    assert found[Check.TRUNCATION].silent == ("enter_long", "exit_long")
    assert found[Check.WARMUP].status is Status.INCONCLUSIVE
    assert overall(found.values()) is Status.INCONCLUSIVE


def test_a_column_that_is_never_there_leaves_it_open() -> None:
    def half(candles: CandleSeries) -> leaks.Found:
        return {**leaks.rolling_mean(candles), "exit_long": candles.close < 0}

    subject = columns(half)
    verdict = truncation(subject, look_at_markets(subject, M15)[:2])

    assert (verdict.status, verdict.silent) == (Status.INCONCLUSIVE, ("exit_long",))


def test_a_strategy_is_expected_to_give_the_signals_that_its_source_names() -> None:
    assert decider(REGISTRY["donchian_breakout"], {}).may_say == {
        "enter_long", "exit_long", "exit_short",
    }  # fmt: skip
    assert decider(REGISTRY["sma_crossover"], {}).may_say == {action.value for action in Action}


# Warm-up


def test_a_warmup_that_an_exponential_mean_has_not_forgotten_is_too_short() -> None:
    subject = decider_of(leaks.recursive, warmup=leaks.LENGTH)
    verdict = warmup(subject, look_at_markets(subject, M15))

    assert verdict.status is Status.FAIL
    assert verdict.violation is not None
    assert verdict.violation.where in {"enter_long", "exit_long"}
    assert verdict.numbers["needed"] > leaks.LENGTH
    enough = decider_of(leaks.recursive, warmup=10 * leaks.LENGTH)
    assert warmup(enough, look_at_markets(enough, M15)).status is Status.PASS


@pytest.mark.parametrize(
    ("declared", "status"), [(leaks.LENGTH, Status.FAIL), (10 * leaks.LENGTH, Status.PASS)]
)
def test_a_recursive_column_has_to_forget_its_first_value(declared: int, status: Status) -> None:
    subject = columns(leaks.exponential_mean, declared)

    assert warmup(subject, look_at_markets(subject, M15)[:2]).status is status


def test_a_candle_too_few_is_seen() -> None:
    """It still answers, with a mean of nineteen before: only now and then that is a flip."""
    short = decider_of(leaks.honest, warmup=leaks.LENGTH)
    verdict = warmup(short, look_at_markets(short, M15))

    assert verdict.status is Status.FAIL
    assert verdict.numbers["needed"] == leaks.LENGTH + 1


def test_a_stop_that_moves_with_the_length_of_the_history_is_seen() -> None:
    subject = decider_of(leaks.stop_by_range)
    verdict = warmup(subject, look_at_markets(subject, M15))

    assert verdict.status is Status.FAIL
    assert verdict.violation is not None
    assert verdict.violation.where == "enter_long"
    assert verdict.violation.expected != verdict.violation.found
    assert "stop" in verdict.violation.found


def test_a_sum_of_everything_never_settles() -> None:
    def total(candles: CandleSeries) -> leaks.Found:
        return {"total": candles.volume.cumsum()}

    subject = columns(total)
    verdict = warmup(subject, look_at_markets(subject, M15))

    assert verdict.status is Status.FAIL
    assert "needed" not in verdict.numbers
    assert "even 150 are not enough" in verdict.reason


@pytest.mark.parametrize("needed", [1, 2, 49, 50, 51, 99, 100, 101, 150])
def test_the_smallest_history_is_found(needed: int) -> None:
    found = smallest(
        lambda count: count >= needed, declared=50, longest=400, is_enough=needed <= 50
    )

    assert found == needed


def test_what_only_the_longest_history_gives_is_no_length() -> None:
    assert smallest(lambda count: False, declared=50, longest=400, is_enough=False) is None
