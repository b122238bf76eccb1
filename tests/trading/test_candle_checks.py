import itertools
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trading.candle_checks import EPOCH, MICROSECOND, CandleRows, Reason, bad_rows
from trading.candles import Timeframe

MONDAY = datetime(2024, 1, 1, tzinfo=UTC)
NAN, INFINITY = float("nan"), float("inf")
LATER = MONDAY + timedelta(days=365)

Row = tuple[datetime, float, float, float, float, float]


def good(number: int) -> Row:
    return MONDAY + timedelta(minutes=5 * number), 100.0, 110.0, 90.0, 105.0, 3.0


def rows_of(rows: list[Row]) -> CandleRows:
    table = np.array([row[1:] for row in rows], dtype=np.float64).reshape(-1, 5).T
    return CandleRows(
        np.arange(2, len(rows) + 2),
        np.array([(row[0] - EPOCH) // MICROSECOND for row in rows], dtype=np.int64),
        *table,
    )


def found(rows: list[Row], closed_by: datetime = LATER) -> list[tuple[int, Reason]]:
    bad = bad_rows(rows_of(rows), Timeframe.M5, closed_by)
    return [(row.line, row.reason) for row in bad]


def test_good_rows_are_not_mentioned() -> None:
    assert found([good(number) for number in range(5)]) == []


def test_no_rows_are_no_problem_here() -> None:
    assert found([]) == []


def test_a_hole_between_sessions_is_fine() -> None:
    assert found([good(0), good(500), good(501)]) == []


def test_prices_may_stand_still_and_nothing_need_be_traded() -> None:
    assert found([(MONDAY, 100.0, 100.0, 100.0, 100.0, 0.0)]) == []


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ((NAN, 110, 90, 105, 3), Reason.NOT_FINITE),
        ((100, 110, 90, 105, NAN), Reason.NOT_FINITE),
        ((100, INFINITY, 90, 105, 3), Reason.NOT_FINITE),
        ((100, 110, -INFINITY, 105, 3), Reason.NOT_FINITE),
        ((100, 110, 0, 105, 3), Reason.NOT_POSITIVE_PRICE),
        ((-100, 110, 90, 105, 3), Reason.NOT_POSITIVE_PRICE),
        ((100, 110, 90, 105, -1), Reason.NEGATIVE_VOLUME),
        ((100, 1e20, 90, 105, 3), Reason.OUT_OF_RANGE),
        ((100, 110, 90, 105, 1e20), Reason.OUT_OF_RANGE),
        ((100, 110, 1e-19, 105, 3), Reason.OUT_OF_RANGE),
        ((100, 90, 110, 100, 3), Reason.HIGH_BELOW_LOW),
        ((111, 110, 90, 105, 3), Reason.OUTSIDE_HIGH_LOW),
        ((89, 110, 90, 105, 3), Reason.OUTSIDE_HIGH_LOW),
        ((100, 110, 90, 110.5, 3), Reason.OUTSIDE_HIGH_LOW),
        ((100, 110, 90, 89.5, 3), Reason.OUTSIDE_HIGH_LOW),
    ],
)
def test_values_that_make_no_candle_are_named_by_line(
    values: tuple[float, ...], reason: Reason
) -> None:
    bad: Row = (good(1)[0], *values)  # type: ignore[assignment]

    assert found([good(0), bad, good(2)]) == [(3, reason)]


@pytest.mark.parametrize(
    "off", [timedelta(seconds=1), timedelta(minutes=1), timedelta(microseconds=1)]
)
def test_a_time_off_the_boundary_is_named(off: timedelta) -> None:
    moment, *values = good(1)
    bad: Row = (moment + off, *values)  # type: ignore[assignment]

    assert found([good(0), bad, good(2)]) == [(3, Reason.OFF_BOUNDARY)]


def test_a_second_row_of_the_same_time_is_the_duplicate() -> None:
    assert found([good(0), good(1), good(2), good(1)]) == [(5, Reason.DUPLICATE_TIME)]


def test_a_time_before_the_one_above_went_back() -> None:
    assert found([good(0), good(5), good(3), good(6)]) == [(4, Reason.TIME_WENT_BACK)]


def test_a_bad_row_does_not_make_its_good_twin_a_duplicate() -> None:
    broken: Row = (good(1)[0], NAN, 110, 90, 105, 3)

    assert found([good(0), broken, good(1)]) == [(3, Reason.NOT_FINITE)]


def test_a_bad_row_far_ahead_does_not_condemn_those_after_it() -> None:
    far: Row = (good(0)[0] + timedelta(days=3650), 100, 110, 90, 105, 3)

    assert found([good(0), far, good(1)]) == [(3, Reason.NOT_CLOSED_YET)]


def test_a_candle_that_is_still_forming_is_not_believed() -> None:
    closes = good(1)[0] + timedelta(minutes=5)

    assert found([good(0), good(1)], closes) == []
    assert found([good(0), good(1)], closes - timedelta(seconds=1)) == [(3, Reason.NOT_CLOSED_YET)]


def test_a_row_is_told_once_by_its_first_reason() -> None:
    hopeless: Row = (good(1)[0] + timedelta(seconds=1), NAN, -1, 5, -3, -1)

    assert found([good(0), hopeless]) == [(3, Reason.NOT_FINITE)]


def test_rows_are_told_in_the_order_of_the_file() -> None:
    broken: Row = (good(3)[0], 100, 90, 110, 100, 3)
    off: Row = (good(1)[0] + timedelta(seconds=1), *good(1)[1:])

    assert found([good(0), off, good(2), broken, good(2)]) == [
        (3, Reason.OFF_BOUNDARY),
        (5, Reason.HIGH_BELOW_LOW),
        (6, Reason.DUPLICATE_TIME),
    ]


def test_the_words_show_what_was_seen() -> None:
    broken: Row = (MONDAY, 64882.01, 90, 110, 100, 3)
    off: Row = (MONDAY + timedelta(minutes=7), *good(1)[1:])

    first, second = bad_rows(rows_of([broken, off]), Timeframe.M5, LATER)

    assert first.words == (
        "the high is below the low: open 64882.01, high 90.0, low 110.0, close 100.0, volume 3.0"
    )
    assert second.words == "no 5m candle begins at 2024-01-01 00:07:00"


@given(st.lists(st.integers(0, 8), max_size=30))
def test_what_is_left_after_skipping_is_strictly_ascending_and_complete(numbers: list[int]) -> None:
    bad = {line for line, _ in found([good(number) for number in numbers])}
    left = [number for line, number in enumerate(numbers, start=2) if line not in bad]

    assert all(a < b for a, b in itertools.pairwise(left))
    assert found([good(number) for number in left]) == []
    assert bool(left) is bool(numbers)
