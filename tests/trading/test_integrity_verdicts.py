"""Mistakes, memory, time, and how a verdict is told."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.trading import leaks
from tests.trading.leaks import columns, decider_of
from trading.candles import CandleSeries, Timeframe
from trading.integrity import (
    QUESTIONS,
    Check,
    Status,
    Verdict,
    asked_again,
    determinism,
    examine,
    from_json,
    look_at_markets,
    measured,
    overall,
    runtime,
    to_json,
    transcript,
)
from trading.integrity.looking import input_kept, usable
from trading.integrity.markets import KINDS, market_round
from trading.integrity.repeats import Line, first_difference
from trading.integrity.runtime import LONGEST_LOOK, Timing
from trading.signals import Action, Signal, enter

M15 = Timeframe.M15


# Mistakes


def test_who_writes_on_its_candles_is_caught() -> None:
    subject = decider_of(leaks.writes_on_its_candles)
    verdict = input_kept(subject, look_at_markets(subject, M15))

    assert verdict.status is Status.FAIL
    assert verdict.violation is not None
    assert verdict.violation.where == "close"
    assert float(verdict.violation.found) == round(float(verdict.violation.expected))


def test_who_fails_on_a_market_at_rest_is_caught() -> None:
    subject = decider_of(leaks.fails_at_rest)
    verdict = usable(subject, look_at_markets(subject, M15))

    assert verdict.status is Status.FAIL
    assert "ZeroDivisionError" in verdict.reason


def test_a_signal_about_another_close_is_no_signal() -> None:
    def late(candles: CandleSeries) -> Sequence[Signal]:
        return (enter(Action.ENTER_LONG, candles.symbol, float(candles.close[-2]) + 0.5),)

    subject = decider_of(late)

    assert "is not about the last close" in usable(subject, look_at_markets(subject, M15)).reason


@pytest.mark.parametrize("length", [-1, 0, 1])
def test_a_column_of_another_length_is_no_column(length: int) -> None:
    def wrong(candles: CandleSeries) -> leaks.Found:
        return {"average": candles.close[: max(0, length)]}

    subject = columns(wrong)

    assert usable(subject, look_at_markets(subject, M15)).status is Status.FAIL


# The same again


def test_who_remembers_says_something_else_when_asked_again() -> None:
    subject = decider_of(leaks.counting())
    looks = look_at_markets(subject, M15)

    verdict = determinism(asked_again(subject, looks), [transcript(subject, looks)] * 2)

    assert verdict.status is Status.FAIL


def test_one_process_proves_nothing() -> None:
    line = Line("ranging-0", 900, "enter_long", "…")

    assert determinism(None, []).status is Status.INCONCLUSIVE
    assert determinism(None, [[line]]).status is Status.INCONCLUSIVE
    assert determinism(None, [[line], [line]]).status is Status.PASS
    assert determinism(None, [[], []]).status is Status.INCONCLUSIVE


@pytest.mark.parametrize(
    ("first", "other", "said"),
    [
        ("ab", "ax", (1800, "b", "x")),
        ("ab", "a", (1800, "b", "nothing")),
        ("a", "ab", (1800, "nothing", "b")),
        ("-b", "ab", (900, "nothing", "a")),
    ],
)
def test_the_first_difference_of_two_processes_is_told(
    first: str, other: str, said: tuple[int, str, str]
) -> None:
    one, two = (
        [Line("m", 900 * (n + 1), "average", word) for n, word in enumerate(words) if word != "-"]
        for words in (first, other)
    )

    violation = first_difference(one, two)

    assert violation is not None
    assert (violation.at.timestamp(), violation.expected, violation.found) == said


# Time


def test_a_look_may_take_as_long_as_the_limit_and_no_longer() -> None:
    limit = LONGEST_LOOK.total_seconds()

    assert runtime([Timing("m", 900, limit)]).status is Status.PASS
    verdict = runtime([Timing("m", 900, 0.0), Timing("m", 1800, limit * 1.01)])
    assert verdict.status is Status.FAIL
    assert verdict.violation is not None
    assert verdict.violation.at.timestamp() == 1800
    assert runtime([]).status is Status.INCONCLUSIVE


def test_an_interrupted_look_is_not_held_against_it() -> None:
    subject = decider_of(leaks.honest)
    readings = iter([0.0, 9.0, 10.0, 10.001, 20.0, 29.0] * 1000)

    timing = next(measured(subject, look_at_markets(subject, M15), lambda: next(readings)))

    assert timing.seconds == pytest.approx(0.001)


# Markets and verdicts


def test_the_same_round_has_the_same_candles_and_another_has_others() -> None:
    first, again, other = (market_round(number, 200, M15) for number in (0, 0, 1))

    assert [market.candles.digest() for market in first] == [
        market.candles.digest() for market in again
    ]
    assert len({market.candles.digest() for market in (*first, *other)}) == 2 * len(KINDS)


@pytest.mark.parametrize("market", market_round(0, 2000, M15), ids=KINDS)
def test_the_candles_of_a_market_are_candles(market: object) -> None:
    candles = market.candles  # type: ignore[attr-defined]

    assert (candles.low > 0).all()
    for inside in (candles.open, candles.close):
        assert (candles.low <= inside).all()
        assert (inside <= candles.high).all()
    assert (candles.close_times[1:] > candles.close_times[:-1]).all()
    assert (candles.close_times % 900 == 0).all()
    assert (candles.volume >= 0).all()


def test_a_verdict_survives_the_way_to_another_process() -> None:
    subject = columns(leaks.shifted_back)
    for verdict in examine(subject, look_at_markets(subject, M15)[:1]):
        assert from_json(to_json(verdict)) == verdict


def test_a_check_that_was_not_made_is_no_pass() -> None:
    verdicts = [Verdict(check, Status.PASS, "") for check in Check]

    assert overall(verdicts) is Status.PASS
    assert overall(verdicts[1:]) is Status.INCONCLUSIVE
    assert overall([*verdicts[1:], Verdict(Check.INPUT, Status.FAIL, "")]) is Status.FAIL


def test_the_page_for_authors_asks_what_is_asked() -> None:
    page = (Path(__file__).parents[2] / "docs/how-to/check-a-strategy.md").read_text()
    rows = [f"| `{check.value}` | {question} |" for check, question in QUESTIONS.items()]

    assert "\n".join(["| check | question |", "| --- | --- |", *rows, ""]) in page
    assert set(QUESTIONS) == set(Check)
