"""One row of what kind of market it is, for every hour that closes."""

from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest

from apps.brokers.models import Venue
from apps.market.models import Instrument, RegimeSnapshot
from apps.market.services import regimes
from tests.fakes import HOUR, MONDAY, hours, instrument, regime_snapshot, venue
from trading.regime import LEAST_CANDLES, Regime, momentum, volatility

pytestmark = pytest.mark.django_db

UP = Regime.TRENDING_UP


@pytest.fixture(scope="module")
def lab_of_the_file(rows_of_the_file: None) -> Venue:
    return venue()


@pytest.fixture
def bitcoin(lab: Venue) -> Instrument:
    return instrument(lab)


def walk(count: int, seed: int = 4) -> list[float]:
    steps = np.random.default_rng(seed).normal(0, 0.01, count)
    return [round(price, 8) for price in (100 * np.exp(np.cumsum(steps))).tolist()]


def rising() -> list[float]:
    """Wild at first, then steadily up: momentum near its end, volatility in the middle."""
    return [*walk(560), *(walk(560)[-1] * 1.03**step for step in range(1, 12))]


def record(at: datetime = MONDAY) -> RegimeSnapshot:
    found = regimes.record("lab", at)
    assert found is not None
    return found


def test_an_hour_is_kept_with_all_that_it_was_read_from(bitcoin: Instrument) -> None:
    prices = walk(700)
    hours(bitcoin, prices, MONDAY)

    kept = record()

    closes = np.array(prices)
    assert (kept.volatility, kept.momentum) == (volatility(closes), momentum(closes))
    assert kept.inputs == {
        "crypto_volatility": kept.volatility, "crypto_momentum": kept.momentum,
        "equity_momentum": "not_applicable", "vix": "not_applicable",
    }  # fmt: skip
    assert (kept.reference, kept.candles, kept.close_time) == (bitcoin, 700, MONDAY)
    assert kept.observed
    assert kept.in_force is None  # one candle is not two
    assert kept.rule_words


def test_with_too_few_candles_it_is_not_known_and_says_what_is_missing(
    bitcoin: Instrument,
) -> None:
    hours(bitcoin, walk(LEAST_CANDLES - 1), MONDAY)

    kept = record()

    assert (kept.regime, kept.observed, kept.volatility, kept.momentum) == ("", "", None, None)
    assert kept.missing == ["crypto_volatility", "crypto_momentum"]
    assert kept.candles == LEAST_CANDLES - 1


def test_a_class_is_entered_with_its_second_hour(bitcoin: Instrument) -> None:
    hours(bitcoin, rising(), MONDAY + HOUR)

    first, second = record(), record(MONDAY + HOUR)

    assert (first.observed, first.regime) == (second.observed, "")
    assert (second.regime, second.previous) == (second.observed, "")


def test_what_was_observed_before_a_hole_does_not_count(bitcoin: Instrument) -> None:
    hours(bitcoin, rising(), MONDAY)
    observed = record().observed
    RegimeSnapshot.objects.all().delete()
    regime_snapshot(bitcoin, close_time=MONDAY - 2 * HOUR, regime=Regime.RANGING, observed=observed)

    kept = record()

    assert (kept.observed, kept.regime, kept.previous) == (observed, "ranging", "ranging")


def test_the_hour_right_before_counts(bitcoin: Instrument) -> None:
    hours(bitcoin, rising(), MONDAY)
    observed = record().observed
    RegimeSnapshot.objects.all().delete()
    regime_snapshot(bitcoin, close_time=MONDAY - HOUR, regime=Regime.RANGING, observed=observed)

    kept = record()

    assert (kept.regime, kept.previous) == (observed, "ranging")
    assert observed != "ranging"


def test_twice_is_once(bitcoin: Instrument) -> None:
    hours(bitcoin, walk(700), MONDAY)
    assert record() == record()
    assert RegimeSnapshot.objects.count() == 1


def test_candles_later_than_the_close_are_not_seen(bitcoin: Instrument) -> None:
    prices = walk(700)
    hours(bitcoin, [*prices, prices[-1] * 9], MONDAY + HOUR)
    assert record().momentum == momentum(np.array(prices))


def test_what_is_older_than_a_year_is_not_in_the_window(bitcoin: Instrument) -> None:
    hours(bitcoin, walk(600), MONDAY)
    hours(bitcoin, walk(10, seed=9), MONDAY - timedelta(days=365))
    assert record().candles == 600


def test_without_a_candle_that_closed_now_there_is_no_row(bitcoin: Instrument) -> None:
    hours(bitcoin, walk(700), MONDAY - HOUR)
    assert regimes.record("lab", MONDAY) is None


def test_a_venue_without_a_crypto_reference_has_no_rows(lab: Venue) -> None:
    hours(instrument(lab, "ETH-USD"), walk(700), MONDAY)
    assert regimes.record("lab", MONDAY) is None


def test_the_first_reference_that_is_listed_is_read(lab: Venue) -> None:
    tether = instrument(lab, "BTC-USDT")
    hours(tether, walk(600), MONDAY)
    assert record().reference == tether


def test_equities_and_the_vix_are_read_where_they_are_listed(
    lab: Venue, bitcoin: Instrument
) -> None:
    prices = walk(700, seed=8)
    hours(bitcoin, walk(700), MONDAY)
    hours(instrument(lab, "SPY-USD", asset_class="equity"), prices, MONDAY - 60 * HOUR)
    hours(instrument(lab, "VIX-USD", asset_class="index"), [31.25], MONDAY - 60 * HOUR)
    inputs = record().inputs
    assert inputs["equity_momentum"] == momentum(np.array(prices))
    assert inputs["vix"] == 31.25


def test_after_a_long_weekend_they_are_not_known_any_more(lab: Venue, bitcoin: Instrument) -> None:
    hours(bitcoin, walk(700), MONDAY)
    hours(instrument(lab, "SPY-USD", asset_class="equity"), walk(700), MONDAY - 97 * HOUR)
    instrument(lab, "VIX-USD", asset_class="index")
    assert record().missing == ["equity_momentum", "vix"]


def test_a_year_of_hours_is_read_in_five_questions(
    bitcoin: Instrument, django_assert_max_num_queries: Any
) -> None:
    hours(bitcoin, walk(8_800), MONDAY)
    with django_assert_max_num_queries(7):  # two of them are the savepoint of a row that is new
        assert record().candles == 8_760
