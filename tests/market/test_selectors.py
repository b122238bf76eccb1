"""What has happened by a moment: never more."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from decimal import Decimal

import numpy as np
import pytest

from apps.brokers.models import Venue
from apps.market import selectors
from apps.market.models import Instrument, MarketClock
from apps.market.services.candles import record_candles
from tests import fakes
from tests.fakes import MINUTE, MONDAY, write
from trading.candles import Candle, Timeframe

Counting = Callable[[int], AbstractContextManager[object]]


@pytest.fixture(scope="module")
def lab_of_the_file(rows_of_the_file: None) -> Venue:
    return fakes.venue()


@pytest.fixture
def bitcoin(lab: Venue) -> Instrument:
    return fakes.instrument(lab, "BTC-USD")


@pytest.fixture
def ether(lab: Venue) -> Instrument:
    return fakes.instrument(lab, "ETH-USD")


def test_candles_are_found_by_their_close(bitcoin: Instrument, ether: Instrument) -> None:
    write(bitcoin, ["100", ("101.5", "103", "99.25", "102")], MONDAY)
    write(ether, ["10"], MONDAY)
    ids = [bitcoin.pk, ether.pk]

    found = selectors.candles_closing_at(ids, Timeframe.M1, MONDAY + 2 * MINUTE)

    assert found == {
        bitcoin.pk: Candle(
            MONDAY + MINUTE, MONDAY + 2 * MINUTE, Decimal("101.5"), Decimal(103), Decimal("99.25"),
            Decimal(102), Decimal(1000),
        )
    }  # fmt: skip


def test_a_series_ends_with_the_last_candle_that_has_closed(bitcoin: Instrument) -> None:
    write(bitcoin, ["1", "2", "3", "4", "5"], MONDAY)

    series = selectors.series([bitcoin.pk], Timeframe.M1, MONDAY + 3 * MINUTE, 2)[bitcoin.pk]

    assert series.close.tolist() == [2.0, 3.0]
    assert series.close_times.tolist() == [
        int((MONDAY + 2 * MINUTE).timestamp()), int((MONDAY + 3 * MINUTE).timestamp()),
    ]  # fmt: skip
    assert (series.symbol, series.timeframe) == ("BTC-USD", Timeframe.M1)


def test_a_candle_that_is_forming_is_not_seen(bitcoin: Instrument) -> None:
    write(bitcoin, ["1", "2"], MONDAY)
    inside = MONDAY + 2 * MINUTE - timedelta(microseconds=1)

    series = selectors.series([bitcoin.pk], Timeframe.M1, inside, 10)

    assert series[bitcoin.pk].close.tolist() == [1.0]


def test_a_series_holds_every_column_as_contiguous_floats(bitcoin: Instrument) -> None:
    write(bitcoin, [("64882.01", "64893.5", "0.000000000000000001", "64882.02")], MONDAY)

    series = selectors.series([bitcoin.pk], Timeframe.M1, MONDAY + MINUTE, 1)[bitcoin.pk]

    columns = [series.open, series.high, series.low, series.close, series.volume]
    assert [column.tolist() for column in columns] == [
        [64882.01], [64893.5], [1e-18], [64882.02], [1000.0],
    ]  # fmt: skip
    assert all(column.dtype == np.float64 and column.flags.contiguous for column in columns)


def test_many_series_are_read_by_one_query(
    lab: Venue, bitcoin: Instrument, django_assert_num_queries: Counting
) -> None:
    others = [fakes.instrument(lab, f"X{number}-USD") for number in range(20)]
    for number, item in enumerate(others, start=1):
        write(item, [str(number)] * number, MONDAY)

    with django_assert_num_queries(1):
        found = selectors.series(
            [bitcoin.pk, *(item.pk for item in others)], Timeframe.M1, MONDAY + 60 * MINUTE, 500
        )

    assert bitcoin.pk not in found
    assert {pk: len(series) for pk, series in found.items()} == {
        item.pk: number for number, item in enumerate(others, start=1)
    }


def test_the_timeframes_of_an_instrument_do_not_mix(bitcoin: Instrument) -> None:
    write(bitcoin, ["1"], MONDAY)
    five = Candle(MONDAY, MONDAY + 5 * MINUTE, *(Decimal(5),) * 5)
    record_candles(Timeframe.M5, {bitcoin.pk: [five]})

    series = selectors.series([bitcoin.pk], Timeframe.M5, MONDAY + 5 * MINUTE, 9)[bitcoin.pk]

    assert series.close.tolist() == [5.0]


def test_the_latest_price_is_of_the_venues_finest_candles(
    bitcoin: Instrument, ether: Instrument, django_assert_num_queries: Counting
) -> None:
    write(bitcoin, ["100.5", "101.5", "102.5"], MONDAY)
    five = Candle(MONDAY, MONDAY + 5 * MINUTE, *(Decimal(5),) * 5)
    record_candles(Timeframe.M5, {bitcoin.pk: [five], ether.pk: [five]})
    ids = [bitcoin.pk, ether.pk]

    with django_assert_num_queries(1):
        assert selectors.latest_prices(ids, MONDAY + 2 * MINUTE) == {bitcoin.pk: Decimal("101.5")}
    assert selectors.latest_prices(ids, MONDAY + 9 * MINUTE) == {bitcoin.pk: Decimal("102.5")}
    assert selectors.latest_prices(ids, MONDAY) == {}


def test_each_venue_has_a_finest_timeframe_of_its_own(bitcoin: Instrument) -> None:
    slow = fakes.venue("slow")
    MarketClock.objects.filter(venue=slow).update(timeframe="5m")
    stock = fakes.instrument(slow, "AAPL-USD")
    write(bitcoin, ["7"], MONDAY)
    five = Candle(MONDAY, MONDAY + 5 * MINUTE, *(Decimal(5),) * 5)
    record_candles(Timeframe.M5, {stock.pk: [five]})
    ids = [bitcoin.pk, stock.pk]

    assert selectors.latest_prices(ids, MONDAY + 4 * MINUTE) == {bitcoin.pk: 7}
    assert selectors.latest_prices(ids, MONDAY + 5 * MINUTE) == {bitcoin.pk: 7, stock.pk: 5}


def test_a_chart_gets_bars_by_their_open(bitcoin: Instrument) -> None:
    write(bitcoin, ["1", ("2", "4", "1.5", "3"), "9"], MONDAY)

    bars = selectors.ohlc_for_chart(bitcoin, Timeframe.M1, MONDAY + 2 * MINUTE, 10)

    assert [bar["time"] for bar in bars] == [
        int(MONDAY.timestamp()), int((MONDAY + MINUTE).timestamp()),
    ]  # fmt: skip
    assert bars[1] == {
        "time": bars[1]["time"], "open": 2.0, "high": 4.0, "low": 1.5, "close": 3.0,
        "volume": 1000.0,
    }  # fmt: skip
    assert selectors.ohlc_for_chart(bitcoin, Timeframe.H1, MONDAY + MINUTE, 10) == []


def test_the_last_candle_is_the_last_by_the_venues_clock(bitcoin: Instrument) -> None:
    write(bitcoin, ["1", "2", "3"], MONDAY)
    assert selectors.last_candle(bitcoin) is None

    MarketClock.objects.update(now=MONDAY + 2 * MINUTE)

    last = selectors.last_candle(bitcoin)
    assert last is not None
    assert last.close == 2
