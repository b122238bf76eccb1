"""When a market is open, by its exchange's calendar."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError

from apps.market.sessions import ALWAYS, expected, is_open, session_end, validate_calendar
from trading.candles import Timeframe, boundaries

NEW_YORK = "XNYS"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "answer"),
    [
        ("2026-06-01 13:29", False),  # a Monday in summer: 9:30 in New York is 13:30
        ("2026-06-01 13:30", True),
        ("2026-06-01 19:59", True),
        ("2026-06-01 20:00", False),
        ("2026-01-05 14:29", False),  # in winter an hour later
        ("2026-01-05 14:30", True),
        ("2026-06-06 15:00", False),  # a Saturday
        ("2026-07-03 15:00", False),  # the 4th is a Saturday: closed on the Friday before
        ("2026-11-27 17:59", True),  # the day after Thanksgiving ends at 13:00
        ("2026-11-27 18:00", False),
    ],
)
def test_new_york(moment: str, answer: bool) -> None:
    assert is_open(NEW_YORK, at(moment)) is answer


def test_a_market_that_never_closes() -> None:
    assert is_open(ALWAYS, at("2026-12-25 03:00")) is True
    assert session_end(ALWAYS, at("2026-12-25 03:00")) == at("2026-12-26 00:00")
    assert session_end(ALWAYS, at("2026-12-25 00:00")) == at("2026-12-26 00:00")


@pytest.mark.parametrize(
    ("moment", "end"),
    [
        ("2026-06-01 15:00", "2026-06-01 20:00"),
        ("2026-06-05 20:00", "2026-06-08 20:00"),  # after Friday's bell: Monday's session
        ("2026-11-27 15:00", "2026-11-27 18:00"),
    ],
)
def test_a_day_ends_with_its_session(moment: str, end: str) -> None:
    assert session_end(NEW_YORK, at(moment)) == at(end)


@pytest.mark.parametrize("moment", ["1990-01-02 15:00", "2090-01-03 15:00"])
def test_beyond_its_years_a_calendar_does_not_know(moment: str) -> None:
    assert is_open(NEW_YORK, at(moment)) is None
    assert session_end(NEW_YORK, at(moment)) is None
    assert expected(NEW_YORK, [at(moment)], timedelta(minutes=1)) == [at(moment)]


def test_an_unknown_calendar_is_refused_where_it_is_written_and_unknown_where_it_is_read() -> None:
    with pytest.raises(ValidationError, match="No exchange calendar is named 'MARS'"):
        validate_calendar("MARS")
    assert is_open("MARS", at("2026-06-01 15:00")) is None
    validate_calendar(NEW_YORK)
    validate_calendar(ALWAYS)


@pytest.mark.parametrize(
    ("timeframe", "count"),
    [(Timeframe.M1, 390), (Timeframe.H1, 7), (Timeframe.D1, 1)],
)
def test_candles_are_expected_while_a_session_lasts(timeframe: Timeframe, count: int) -> None:
    day = boundaries(at("2026-06-01 00:00"), at("2026-06-02 00:00"), timeframe)
    weekend = boundaries(at("2026-06-06 00:00"), at("2026-06-08 00:00"), timeframe)

    assert len(expected(NEW_YORK, day, timeframe.duration)) == count
    assert expected(NEW_YORK, weekend, timeframe.duration) == []
    assert expected(ALWAYS, weekend, timeframe.duration) == list(weekend)
