"""A run can be looked at again: at exactly the candles that it saw, for exactly what it said."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from apps.market.models import Candle
from apps.market.services.candles import record_candles
from apps.strategies.models import Run, Signal, StrategyVersion
from tests import fakes
from tests.fakes import JUMP, MINUTE, MONDAY, QUIET, World, candle
from trading.candles import Timeframe


@pytest.fixture(scope="module")
def lab_of_the_file(rows_of_the_file: None) -> World:
    return fakes.world()


def last_run() -> Run:
    return Run.objects.exclude(status=Run.Status.MISSED).latest("candle_close_time")


def replayed(run: Run) -> str:
    out = StringIO()
    call_command("replay", str(run.pk), stdout=out)
    return out.getvalue()


def refusal(run: Run) -> str:
    err = StringIO()
    with pytest.raises(CommandError) as failed:
        call_command("replay", str(run.pk), stderr=err)
    return f"{err.getvalue()}{failed.value}"


def record(lab: World, opened: datetime, price: str) -> None:
    record_candles(Timeframe.M1, {lab.instrument.pk: [candle(opened, price)]})


def test_a_run_with_a_signal_says_it_again(lab: World) -> None:
    lab.play(*QUIET, JUMP, first=MONDAY)

    assert last_run().signals.exists()
    assert "4 candles, the same 1 signals." in replayed(last_run())


def test_a_quiet_run_and_one_that_warmed_up_are_looked_at_too(lab: World) -> None:
    lab.play("100", "100", first=MONDAY)
    warming = last_run()
    lab.play("100", "100", first=MONDAY + 2 * MINUTE)

    assert warming.status == Run.Status.WARMING_UP
    assert "1 candles, the same 0" in replayed(Run.objects.exclude(candles_hash="").earliest("id"))
    assert "2 candles, the same 0" in replayed(warming)
    assert "4 candles, the same 0" in replayed(last_run())


def test_candles_that_came_after_the_run_are_left_out(lab: World) -> None:
    end = lab.play(*QUIET[:2], first=MONDAY)
    end = lab.play(*QUIET, JUMP, first=end + 2 * MINUTE)  # two minutes are missing
    run = last_run()
    before = lab.play("102", "102", first=end)
    later = last_run()
    record(lab, before - 3 * MINUTE, "102")  # known already: the same values
    for number in (2, 3):
        record(lab, MONDAY + number * MINUTE, "500")

    assert "4 candles" in replayed(run)
    assert "the same 1 signals" in replayed(run)
    assert "the same 0 signals" in replayed(later)
    first_after_the_hole = Run.objects.get(candle_close_time=MONDAY + 5 * MINUTE)
    assert "3 candles" in replayed(first_after_the_hole)
    assert "(2 that came later left out)" in replayed(first_after_the_hole)


def test_a_run_after_a_late_candle_saw_it(lab: World) -> None:
    lab.play("100", "100", first=MONDAY)
    end = lab.play("100", first=MONDAY + 3 * MINUTE)
    record(lab, MONDAY + 2 * MINUTE, "101")
    lab.play("100", first=end)

    assert "4 candles, the same" in replayed(last_run())


def test_a_revision_changes_nothing_that_was_seen(lab: World) -> None:
    end = lab.play(*QUIET, JUMP, first=MONDAY)
    record(lab, end - MINUTE, "90")

    assert "the same 1 signals" in replayed(last_run())


def test_a_candle_that_was_changed_is_found_out(lab: World) -> None:
    lab.play(*QUIET, JUMP, first=MONDAY)
    Candle.objects.filter(open_time=MONDAY + 3 * MINUTE).update(
        close=Decimal("100.5"), high=Decimal("100.5")
    )

    assert "the candles are not those that it saw" in refusal(last_run())


def test_a_candle_that_is_gone_is_found_out(lab: World) -> None:
    lab.play(*QUIET, JUMP, first=MONDAY)
    Candle.objects.all().delete()

    assert "the candles are not those that it saw" in refusal(last_run())


def test_another_signal_is_shown_with_both_sides(lab: World) -> None:
    lab.play(*QUIET, JUMP, first=MONDAY)
    Signal.objects.update(stop_price=Decimal("99"))

    shown = refusal(last_run())

    assert "it said enter_long at 102 stop 99 target 106.08" in shown
    assert "now it says enter_long at 102 stop 99.96 target 106.08" in shown


LADDER: dict[str, Any] = {
    "rungs": [["4", "0.5"]],
    "break_even_after": 1,
    "trail": {"offset": "3", "offset_type": "price", "after": 1, "profit": None},
}


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"order_type": "limit", "limit_price": Decimal(98)}, "entering by limit limit 98 gtc"),
        (
            {"order_type": "stop_market", "trigger_price": Decimal(103)},
            "entering by stop_market trigger 103 gtc",
        ),
        ({"time_in_force": "ioc"}, "entering by market ioc"),
        ({"post_only": True}, "entering by market gtc post-only"),
        ({"stop_limit_price": Decimal(99)}, "stop_limit 99"),
        (
            {"trailing_offset": Decimal(200), "trailing_offset_type": "basis_points"},
            "trail 200 basis_points",
        ),
        (
            {"ladder": LADDER},
            "rung 4 closes 0.5 break even after 1 trail 3 price after 1",
        ),
        (
            {"ladder": {**LADDER, "trail": {**LADDER["trail"], "after": None, "profit": "1.50"}}},
            "trail 3 price profit 1.5",
        ),
    ],
)
def test_whatever_was_said_of_how_to_enter_and_leave_is_compared(
    lab: World, columns: dict[str, object], words: str
) -> None:
    lab.play(*QUIET, JUMP, first=MONDAY)
    Signal.objects.update(**columns)

    assert words in refusal(last_run())


def test_other_code_and_another_outcome_are_differences(lab: World) -> None:
    lab.play(*QUIET, JUMP, first=MONDAY)
    StrategyVersion.objects.update(content_hash="0" * 64)
    Run.objects.update(status=Run.Status.FAILED, reason="division by zero")

    shown = refusal(last_run())

    assert "is not what it was when the version was made" in shown
    assert "it was failed division by zero, now it is completed" in shown


def test_what_looked_at_nothing_cannot_look_again(lab: World) -> None:
    missed = Run.objects.create(
        version=lab.version, instrument=lab.instrument, timeframe="1m",
        candle_close_time=MONDAY, status=Run.Status.MISSED, reason="NO_CANDLE",
    )  # fmt: skip

    assert "NOTHING_WAS_SEEN" in refusal(missed)
    missed.pk = 0
    assert "UNKNOWN_RUN" in refusal(missed)
