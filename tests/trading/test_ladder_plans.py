"""How a strategy asks for a ladder, and what is refused when it asks."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from trading.exit_plans import Ladder, LateTrail, OffsetType, Rung, ScaleOut, Trail, Unit
from trading.signal_checks import MOST_RUNGS, checked
from trading.signals import Action, ExitPlan, Signal, SignalNotUsable, enter, leave

LONG, SHORT = Action.ENTER_LONG, Action.ENTER_SHORT
THIRDS = ScaleOut(
    rungs=((1, 0.5), (2, 0.5), (3, 1)), unit=Unit.R, break_even_after=1, trail_after=1,
    trail_offset=3.0,
)  # fmt: skip


def numbers(*pairs: tuple[str, str]) -> tuple[Rung, ...]:
    return tuple(Rung(Decimal(offset), Decimal(share)) for offset, share in pairs)


@pytest.mark.parametrize("action", [LONG, SHORT])
def test_multiples_of_the_risk_become_amounts(action: Action) -> None:
    said = checked(enter(action, "BTC-USD", 100, stop_fraction=0.04, scale_out=THIRDS))

    assert said.exit_plan.ladder == Ladder(
        numbers(("4", "0.5"), ("8", "0.5"), ("12", "1")), 1, LateTrail(Trail(Decimal(3)), after=1)
    )


def test_fractions_are_of_where_it_is_expected_to_be_entered() -> None:
    asked = ScaleOut(rungs=((0.01, 0.1), (0.02, 0.5)), trail_from=0.015, trail_fraction=0.02)

    said = enter(LONG, "BTC-USD", 100, breakout_fraction=0.1, stop_fraction=0.02, scale_out=asked)

    late = LateTrail(Trail(Decimal(200), OffsetType.BASIS_POINTS), profit=Decimal("1.65"))
    assert checked(said).exit_plan.ladder == Ladder(
        numbers(("1.1", "0.1"), ("2.2", "0.5")), trail=late
    )


def test_a_ladder_is_read_back_as_it_was_written() -> None:
    for asked in (THIRDS, replace(THIRDS, trail_after=None, trail_from=1.0), ScaleOut(((1, 0.5),))):
        ladder = enter(LONG, "BTC-USD", 100, stop_fraction=0.04, scale_out=asked).exit_plan.ladder
        assert ladder is not None
        assert Ladder.of(ladder.plain()) == ladder


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"trail_after": 1}, "one distance and one beginning"),
        ({"trail_offset": 1.0}, "one distance and one beginning"),
        (
            {"trail_after": 1, "trail_offset": 1.0, "trail_fraction": 0.1},
            "one distance and one beginning",
        ),
        ({"rungs": ((float("nan"), 0.5),)}, "finite"),
        ({"unit": Unit.R}, "needs a stop"),
    ],
)
def test_what_cannot_be_meant_is_refused(asked: dict[str, Any], words: str) -> None:
    with pytest.raises(SignalNotUsable, match=words):
        enter(LONG, "BTC-USD", 100, scale_out=ScaleOut(**{"rungs": ((1, 0.5),), **asked}))


STOP = ExitPlan(stop_price=Decimal(96))
ONE = numbers(("4", "0.5"))
BY_THREE = LateTrail(Trail(Decimal(3)), after=1)


@pytest.mark.parametrize(
    ("plan", "words"),
    [
        (replace(STOP, ladder=Ladder()), "has rungs"),
        (replace(STOP, ladder=Ladder(numbers(("0", "0.5")))), "above the one before"),
        (replace(STOP, ladder=Ladder(numbers(("4", "0.5"), ("4", "0.5")))), "above the one before"),
        (replace(STOP, ladder=Ladder(numbers(("4", "0")))), "share between"),
        (replace(STOP, ladder=Ladder(numbers(("4", "1.1")))), "share between"),
        (replace(STOP, ladder=Ladder(numbers(("4", "NaN")))), "share between"),
        (replace(STOP, ladder=Ladder(numbers(("4", "1"), ("8", "0.5")))), "Nothing is left"),
        (
            replace(STOP, ladder=Ladder(numbers(*((str(n), "0.1") for n in range(1, 22))))),
            f"no more than {MOST_RUNGS}",
        ),
        (replace(STOP, ladder=Ladder(ONE, break_even_after=2)), "no rung 2"),
        (replace(STOP, ladder=Ladder(ONE, break_even_after=0)), "no rung 0"),
        (replace(STOP, ladder=Ladder(ONE, trail=replace(BY_THREE, after=2))), "no rung 2"),
        (ExitPlan(ladder=Ladder(ONE, break_even_after=1)), "needs the price of the stop"),
        (
            replace(STOP, stop_limit_price=Decimal(95), ladder=Ladder(ONE, break_even_after=1)),
            "has no limit",
        ),
        (replace(STOP, trail=Trail(Decimal(2)), ladder=Ladder(ONE, trail=BY_THREE)), "not both"),
        (
            replace(STOP, ladder=Ladder(ONE, trail=LateTrail(Trail(Decimal(0)), after=1))),
            "cannot follow",
        ),
        (
            replace(STOP, ladder=Ladder(ONE, trail=replace(BY_THREE, profit=Decimal(1)))),
            "one of the two",
        ),
        (
            replace(STOP, ladder=Ladder(trail=LateTrail(Trail(Decimal(3)), profit=Decimal(0)))),
            "from a profit on",
        ),
    ],
)
def test_a_ladder_that_cannot_be_climbed_is_refused(plan: ExitPlan, words: str) -> None:
    with pytest.raises(SignalNotUsable, match=words):
        checked(Signal("BTC-USD", LONG, Decimal(100), plan))


def test_a_ladder_without_a_stop_is_taken_where_it_moves_none() -> None:
    said = enter(LONG, "BTC-USD", 100, scale_out=ScaleOut(((0.01, 0.5),)))

    assert checked(said).exit_plan.ladder == Ladder(numbers(("1", "0.5")))


def test_an_exit_has_no_ladder() -> None:
    said = replace(leave(Action.EXIT_LONG, "BTC-USD", 100), exit_plan=ExitPlan(ladder=Ladder(ONE)))

    with pytest.raises(SignalNotUsable, match="leaves whole"):
        checked(said)
