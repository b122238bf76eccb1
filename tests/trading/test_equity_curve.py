"""Daily returns of an equity that is marked at any moments."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trading.performance.curve import Curve, benchmark_returns, daily_returns
from trading.performance.realised import Flow

MIDNIGHT = datetime(2026, 6, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


def curve(*points: tuple[float, float]) -> Curve:
    """Hours after midnight, and what there was."""
    times = [int((MIDNIGHT + hours * HOUR).timestamp()) for hours, _ in points]
    return Curve(np.array(times, np.int64), np.array([value for _, value in points], np.float64))


def flow(hours: float, amount: int) -> Flow:
    return Flow(MIDNIGHT + hours * HOUR, Decimal(amount))


def test_the_last_mark_of_a_day_counts_and_midnight_ends_the_day() -> None:
    daily = daily_returns(curve((0, 100), (1, 90), (24, 110), (25, 10), (47, 121)))
    assert daily.returns == pytest.approx([0.1, 0.1])
    assert [str(day) for day in daily.dates] == ["2026-06-01", "2026-06-02"]


def test_a_daily_candle_makes_one_return_each() -> None:
    daily = daily_returns(curve((24, 100), (48, 150), (72, 75)))
    assert daily.returns == pytest.approx([0.5, -0.5])


def test_a_day_without_a_mark_is_no_day_of_trading() -> None:
    assert daily_returns(curve((0, 100), (24, 110), (96, 121))).returns == pytest.approx([0.1, 0.1])


@pytest.mark.parametrize("points", [(), ((5, 100.0),)], ids=["none", "one"])
def test_fewer_than_two_marks_make_no_return(points: tuple[tuple[float, float], ...]) -> None:
    assert len(daily_returns(curve(*points)).returns) == 0


def test_what_is_paid_in_or_out_is_no_return() -> None:
    marks = curve((0, 100), (24, 220), (48, 120), (60, 120))
    moved = [flow(0, 7), flow(24, 100), flow(24.5, -100), flow(61, 5)]
    assert daily_returns(marks, moved).returns == pytest.approx([0.1, 0, 0])


def test_a_flow_after_the_mark_of_its_day_is_part_of_the_next() -> None:
    marks = curve((0, 100), (12, 110), (36, 210))
    assert daily_returns(marks, [flow(13, 100)]).returns == pytest.approx([0.1, 0])


def test_with_nothing_to_begin_with_a_day_has_no_return() -> None:
    daily = daily_returns(curve((0, 100), (24, 0), (48, 50), (72, 100)))
    assert np.isnan(daily.returns).tolist() == [False, True, False]
    assert daily.returns[[0, 2]] == pytest.approx([-1, 1])


def test_what_the_first_candle_did_is_a_return() -> None:
    marks = curve((24, 90), (48, 99))
    begun = int(MIDNIGHT.timestamp())
    whole = Curve.beginning_with(100, at=begun, times=marks.times, equity=marks.equity)
    assert daily_returns(whole).returns == pytest.approx([-0.1, 0.1])


@pytest.mark.parametrize(
    ("times", "values", "message"),
    [([1, 2], [1.0], "2 times for 1"), ([2, 2], [1.0, 1.0], "rise"), ([1], [np.inf], "finite")],
)
def test_a_curve_that_makes_no_sense_is_refused(
    times: list[int], values: list[float], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        Curve(np.array(times, np.int64), np.array(values))


def test_a_benchmark_is_taken_at_its_last_close_by_each_mark() -> None:
    marks = curve((0, 100), (24, 100), (48, 100))
    held = curve((-1, 50), (23, 60), (25, 66), (49, 1))
    daily = daily_returns(marks)
    found = benchmark_returns(held, int(marks.times[0]), daily)
    assert found == pytest.approx([0.2, 0.1])


def test_a_benchmark_that_begins_later_is_none() -> None:
    marks = curve((0, 100), (24, 100))
    assert benchmark_returns(curve((1, 50)), int(marks.times[0]), daily_returns(marks)) is None


@settings(max_examples=50)
@given(
    st.lists(st.tuples(st.integers(1, 30), st.integers(1, 10_000)), min_size=2, max_size=40),
    st.integers(2, 9),
)
def test_days_multiply_to_the_whole_in_any_unit_of_money(
    steps: list[tuple[int, int]], unit: int
) -> None:
    hours = np.cumsum([step for step, _ in steps]).tolist()
    points = [(hour, float(value)) for hour, (_, value) in zip(hours, steps, strict=True)]
    daily = daily_returns(curve(*points))
    assert np.prod(1 + daily.returns) == pytest.approx(points[-1][1] / points[0][1], rel=1e-9)
    scaled = daily_returns(curve(*((hour, value * unit) for hour, value in points)))
    assert scaled.returns == pytest.approx(daily.returns, abs=1e-9)
