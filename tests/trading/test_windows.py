"""The hours in which somebody lets entries be made for them."""

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trading.windows import WEEK, Window

MONDAY = datetime(2026, 6, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
OFFICE = Window.of(range(5), time(8), time(17))
NIGHT = Window.of({4}, time(22), time(2))  # from Friday to Saturday


@pytest.mark.parametrize(
    ("window", "at", "is_open"),
    [
        (OFFICE, MONDAY + 8 * HOUR, True),
        (OFFICE, MONDAY + 8 * HOUR - timedelta(microseconds=1), False),
        (OFFICE, MONDAY + 17 * HOUR, False),
        (OFFICE, MONDAY + 5 * DAY + 9 * HOUR, False),
        (NIGHT, MONDAY + 4 * DAY + 22 * HOUR, True),
        (NIGHT, MONDAY + 5 * DAY + HOUR, True),
        (NIGHT, MONDAY + 5 * DAY + 2 * HOUR, False),
        (NIGHT, MONDAY + 4 * DAY + HOUR, False),
        (Window.of(WEEK, time(0), time(0)), MONDAY + 13 * HOUR, True),
    ],
)
def test_it_is_open_from_its_first_moment_to_before_its_last(
    window: Window, at: datetime, is_open: bool
) -> None:
    assert window.is_open(at) is is_open


def test_it_says_when_it_opens_next() -> None:
    friday = MONDAY + 4 * DAY
    assert OFFICE.opens_at(MONDAY) == MONDAY + 8 * HOUR
    assert OFFICE.opens_at(friday + 18 * HOUR) == friday + 3 * DAY + 8 * HOUR
    assert NIGHT.opens_at(friday + 22 * HOUR) == friday + 7 * DAY + 22 * HOUR


@given(
    days=st.sets(st.sampled_from(WEEK), min_size=1), opens=st.times(), closes=st.times(),
    at=st.integers(0, 10_000_000).map(lambda seconds: MONDAY + timedelta(seconds=seconds)),
)  # fmt: skip
def test_it_is_open_when_it_says_that_it_opens(
    days: set[int], opens: time, closes: time, at: datetime
) -> None:
    window = Window.of(days, opens, closes)
    opening = window.opens_at(at)
    assert opening > at
    assert opening.weekday() in days
    assert window.is_open(opening)


@pytest.mark.parametrize("days", [(), (7,), (-1, 2)])
def test_one_that_never_opens_is_no_window(days: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="days must be"):
        Window.of(days, time(8), time(17))
