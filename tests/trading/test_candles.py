import itertools
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trading.candles import (
    Candle,
    Timeframe,
    UnknownTimeframe,
    aggregate,
    boundaries,
    end_of_day,
    floor_time,
    next_close,
)

MONDAY = datetime(2024, 1, 1, tzinfo=UTC)

HALF_PAST = timezone(timedelta(hours=5, minutes=30))

moments = st.datetimes(
    min_value=datetime(1980, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
    max_value=datetime(2100, 1, 1),  # noqa: DTZ001
    timezones=st.sampled_from([UTC, HALF_PAST, ZoneInfo("America/New_York")]),
)
timeframes = st.sampled_from(Timeframe)


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2024-01-01T{text}+00:00")


@pytest.mark.parametrize(
    ("now", "timeframe", "floor", "following"),
    [
        (at("10:07:31"), Timeframe.M5, at("10:05"), at("10:10")),
        (at("10:05"), Timeframe.M5, at("10:05"), at("10:10")),
        (at("23:58"), Timeframe.M15, at("23:45"), MONDAY + timedelta(days=1)),
        (at("13:00"), Timeframe.H4, at("12:00"), at("16:00")),
        (at("13:00"), Timeframe.D1, at("00:00"), MONDAY + timedelta(days=1)),
    ],
)
def test_boundaries_are_those_of_the_reference(
    now: datetime, timeframe: Timeframe, floor: datetime, following: datetime
) -> None:
    assert floor_time(now, timeframe) == floor
    assert next_close(now, timeframe) == following


@given(moments, timeframes)
def test_the_floor_is_an_aligned_boundary_at_most_one_candle_ago(
    moment: datetime, timeframe: Timeframe
) -> None:
    floor = floor_time(moment, timeframe)

    assert floor <= moment < floor + timeframe.duration
    assert floor.tzinfo is UTC
    assert (floor - MONDAY) % timeframe.duration == timedelta()


@given(moments, timeframes)
def test_flooring_twice_changes_nothing(moment: datetime, timeframe: Timeframe) -> None:
    floor = floor_time(moment, timeframe)

    assert floor_time(floor, timeframe) == floor


@given(moments, timeframes)
def test_the_next_close_is_the_first_boundary_strictly_later(
    moment: datetime, timeframe: Timeframe
) -> None:
    following = next_close(moment, timeframe)

    assert moment < following <= moment.astimezone(UTC) + timeframe.duration
    assert floor_time(following, timeframe) == following


@given(moments, timeframes, st.integers(0, 50))
def test_boundaries_leave_none_out_and_none_double(
    after: datetime, timeframe: Timeframe, count: int
) -> None:
    until = after.astimezone(UTC) + count * timeframe.duration

    found = boundaries(after, until, timeframe)

    assert len(found) == count
    assert all(after < close <= until for close in found)
    assert all(b - a == timeframe.duration for a, b in itertools.pairwise(found))


def test_nothing_closes_in_a_span_that_runs_backwards() -> None:
    assert boundaries(at("10:00"), at("09:00"), Timeframe.M5) == []


def test_the_boundary_does_not_depend_on_the_zone_of_the_question() -> None:
    assert floor_time(at("23:10").astimezone(HALF_PAST), Timeframe.D1) == MONDAY


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("5m", Timeframe.M5), ("5", Timeframe.M5), (" 1H ", Timeframe.H1), ("60", Timeframe.H1),
        ("D", Timeframe.D1), ("1D", Timeframe.D1), ("1440", Timeframe.D1), ("1", Timeframe.M1),
    ],
)  # fmt: skip
def test_timeframes_are_read_as_charting_tools_write_them(text: str, expected: Timeframe) -> None:
    assert Timeframe.parse(text) is expected


@pytest.mark.parametrize("text", ["", "7m", "2d", "m5", "-5", "5.0"])
def test_an_unknown_timeframe_is_refused_with_the_known_ones(text: str) -> None:
    with pytest.raises(UnknownTimeframe, match="1m, 3m, 5m"):
        Timeframe.parse(text)


def minute(number: int, price: int = 100, volume: int = 1) -> Candle:
    opened = MONDAY + timedelta(minutes=number)
    return Candle(
        open_time=opened,
        close_time=opened + timedelta(minutes=1),
        open=Decimal(price),
        high=Decimal(price + 5),
        low=Decimal(price - 5),
        close=Decimal(price + 1),
        volume=Decimal(volume),
    )


def test_five_minutes_make_one_candle_with_their_extremes_and_their_sum() -> None:
    minutes = [minute(number, price=100 + number, volume=2) for number in range(5)]

    (whole,) = aggregate(minutes, Timeframe.M5)

    assert (whole.open_time, whole.close_time) == (MONDAY, MONDAY + timedelta(minutes=5))
    assert (whole.open, whole.close) == (Decimal(100), Decimal(105))
    assert (whole.high, whole.low) == (Decimal(109), Decimal(95))
    assert whole.volume == Decimal(10)


def test_the_order_in_which_candles_come_and_repeats_do_not_matter() -> None:
    minutes = [minute(number, price=100 + number) for number in range(10)]

    assert aggregate([*reversed(minutes), minutes[3]], Timeframe.M5) == aggregate(
        minutes, Timeframe.M5
    )


@pytest.mark.parametrize("missing", range(5))
def test_a_window_with_a_hole_makes_no_candle(missing: int) -> None:
    minutes = [minute(number) for number in range(10) if number != missing]

    assert [candle.open_time for candle in aggregate(minutes, Timeframe.M5)] == [
        MONDAY + timedelta(minutes=5)
    ]


def test_candles_that_do_not_fit_the_window_make_none() -> None:
    (fifteen,) = aggregate([minute(number) for number in range(15)], Timeframe.M15)

    assert aggregate([fifteen], Timeframe.M5) == []
    assert aggregate([fifteen], Timeframe.M10) == []


@given(st.sampled_from([Timeframe.M5, Timeframe.M15, Timeframe.H1]))
def test_aggregating_in_steps_gives_what_one_step_gives(through: Timeframe) -> None:
    minutes = [minute(number, 100 + number * 7 % 13, number % 5) for number in range(240)]

    assert aggregate(aggregate(minutes, through), Timeframe.H4) == aggregate(minutes, Timeframe.H4)


@pytest.mark.parametrize("hours", [0, 1, 23.999])
def test_the_day_of_a_market_that_never_closes_ends_at_the_next_utc_midnight(hours: float) -> None:
    midnight = datetime(2026, 6, 1, tzinfo=UTC)

    assert end_of_day(midnight + timedelta(hours=hours)) == datetime(2026, 6, 2, tzinfo=UTC)
