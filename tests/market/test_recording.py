"""Candles and clocks as they are written: late, twice, out of order, and never back."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from apps.common.errors import Refused
from apps.market import selectors
from apps.market.models import Candle as CandleRow
from apps.market.models import Feed, Instrument, MarketClock
from apps.market.services import clock
from apps.market.services.candles import record_candles, record_coarser
from tests import fakes
from tests.fakes import MINUTE, MONDAY, candle
from trading.candles import Timeframe

COARSER = (Timeframe.M5, Timeframe.M15, Timeframe.H1)


@pytest.fixture
def bitcoin(db: None) -> Instrument:
    return fakes.instrument(fakes.venue())


def minutes(of: Instrument, *numbers: int, price: str = "100") -> int:
    made = [candle(MONDAY + number * MINUTE, price) for number in numbers]
    return record_candles(Timeframe.M1, {of.pk: made})


def opened(timeframe: Timeframe) -> list[datetime]:
    rows = CandleRow.objects.filter(timeframe=timeframe).order_by("open_time")
    return list(rows.values_list("open_time", flat=True))


def test_a_candle_is_new_once(bitcoin: Instrument) -> None:
    assert minutes(bitcoin, 0, 1) == 2
    assert minutes(bitcoin, 1, 2) == 1
    assert minutes(bitcoin, 0, 1, 2) == 0


def test_a_candle_told_twice_in_one_breath_is_kept_once(bitcoin: Instrument) -> None:
    assert minutes(bitcoin, 5, 5) == 1


def test_a_candle_that_comes_again_with_other_values_stays_as_it_was(bitcoin: Instrument) -> None:
    minutes(bitcoin, 0, price="100")

    assert minutes(bitcoin, 0, price="101") == 0
    assert CandleRow.objects.get().close == 100


def test_a_late_candle_finds_its_place(bitcoin: Instrument) -> None:
    minutes(bitcoin, 0, 2, 3)
    minutes(bitcoin, 1)

    assert opened(Timeframe.M1) == [MONDAY + number * MINUTE for number in range(4)]


def test_many_instruments_are_written_by_one_statement(
    bitcoin: Instrument, django_assert_num_queries: pytest.FixtureRequest
) -> None:
    others = [fakes.instrument(bitcoin.venue, f"X{number}-USD") for number in range(50)]
    made = {item.pk: [candle(MONDAY, "1")] for item in others}

    with django_assert_num_queries(1):  # type: ignore[operator]
        assert record_candles(Timeframe.M1, made) == 50


def test_nothing_to_record_is_no_harm(bitcoin: Instrument) -> None:
    assert record_candles(Timeframe.M1, {}) == 0
    assert record_candles(Timeframe.M1, {bitcoin.pk: []}) == 0


@pytest.mark.parametrize(
    "prices",
    [
        ("100", "90", "110", "100"), ("100", "110", "0", "100"), ("120", "110", "90", "100"),
        ("100", "110", "90", "80"), ("NaN", "NaN", "NaN", "NaN"), ("100", "NaN", "90", "100"),
    ],
)  # fmt: skip
def test_the_database_takes_no_candle_that_is_none(
    bitcoin: Instrument, prices: tuple[str, str, str, str]
) -> None:
    with pytest.raises(IntegrityError, match="candle_is_sound"):
        record_candles(Timeframe.M1, {bitcoin.pk: [candle(MONDAY, prices)]})


@pytest.mark.parametrize("volume", ["-1", "NaN"])
def test_the_database_takes_no_impossible_volume(bitcoin: Instrument, volume: str) -> None:
    with pytest.raises(IntegrityError, match="candle_is_sound"):
        record_candles(Timeframe.M1, {bitcoin.pk: [candle(MONDAY, "100", volume)]})


def coarser(of: Instrument, after: int, until: int) -> int:
    return record_coarser(
        [of.pk], Timeframe.M1, COARSER, after=MONDAY + after * MINUTE, until=MONDAY + until * MINUTE
    )


def test_whole_windows_become_coarser_candles(bitcoin: Instrument) -> None:
    minutes(bitcoin, *range(60), price="100")

    assert coarser(bitcoin, 0, 60) == 12 + 4 + 1
    hour = CandleRow.objects.get(timeframe="1h")
    assert (hour.open_time, hour.volume) == (MONDAY, Decimal(60_000))


def test_a_window_that_has_not_closed_waits(bitcoin: Instrument) -> None:
    minutes(bitcoin, *range(9))

    assert coarser(bitcoin, 0, 9) == 1
    assert opened(Timeframe.M5) == [MONDAY]


def test_a_window_with_a_hole_is_not_written(bitcoin: Instrument) -> None:
    minutes(bitcoin, *range(5), *range(6, 15))

    assert coarser(bitcoin, 0, 15) == 2
    assert opened(Timeframe.M5) == [MONDAY, MONDAY + 10 * MINUTE]
    assert opened(Timeframe.M15) == []


def test_a_minute_at_a_time_gives_what_all_at_once_gives(bitcoin: Instrument) -> None:
    minutes(bitcoin, *range(60))

    assert sum(coarser(bitcoin, number, number + 1) for number in range(60)) == 17
    assert coarser(bitcoin, 0, 60) == 0


def test_a_timeframe_finer_than_the_recording_is_left_alone(bitcoin: Instrument) -> None:
    assert (
        record_coarser(
            [bitcoin.pk], Timeframe.M15, [Timeframe.M5, Timeframe.M1],
            after=MONDAY, until=MONDAY + 60 * MINUTE,
        )
        == 0
    )  # fmt: skip


class TestAnyOrder(TestCase):
    @settings(max_examples=20, deadline=None)
    @given(st.permutations(range(12)), st.lists(st.integers(0, 11), max_size=5))
    def test_late_repeated_and_shuffled_candles_end_in_the_same_rows(
        self, order: list[int], again: list[int]
    ) -> None:
        bitcoin = fakes.instrument(fakes.venue())

        new = sum(minutes(bitcoin, number) for number in [*order, *again])

        assert new == 12
        assert opened(Timeframe.M1) == [MONDAY + number * MINUTE for number in range(12)]


def test_a_clock_moves_forward_and_may_be_told_twice(bitcoin: Instrument) -> None:
    clock.advance("lab", MONDAY + MINUTE)
    clock.advance("lab", MONDAY + MINUTE)

    assert selectors.market_now("lab") == MONDAY + MINUTE


def test_a_clock_never_goes_back(bitcoin: Instrument) -> None:
    with pytest.raises(Refused) as refused:
        clock.advance("lab", MONDAY - timedelta(seconds=1))

    assert refused.value.code == "CLOCK_WENT_BACK"
    assert selectors.market_now("lab") == MONDAY


@pytest.mark.django_db
def test_a_venue_without_a_clock_is_refused() -> None:
    with pytest.raises(Refused) as moving:
        clock.advance("moon", MONDAY)
    with pytest.raises(Refused) as asking:
        selectors.market_now("moon")

    assert moving.value.code == asking.value.code == "NO_MARKET_CLOCK"


def test_a_clock_that_exists_stays_as_it_is(bitcoin: Instrument) -> None:
    kept = clock.ensure_clock(bitcoin.venue, now=MONDAY + 9 * MINUTE, finest=Timeframe.H1)

    assert (kept.now, kept.timeframe) == (MONDAY, "1m")


def test_a_simulated_clock_is_no_wall_clock(bitcoin: Instrument) -> None:
    assert selectors.wall_clock_venues() == ["lab"]
    assert selectors.simulated_clocks() == []

    clock.simulate("lab", feed=Feed.REPLAY, seconds_per_candle=0.5)

    assert selectors.wall_clock_venues() == []
    assert [item.venue_id for item in selectors.simulated_clocks()] == ["lab"]
    assert selectors.simulated_clocks(["elsewhere"]) == []
    assert MarketClock.objects.get().seconds_per_candle == 0.5
