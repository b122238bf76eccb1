"""Seven classes of one instrument."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trading.candles import CandleSeries, FloatArray, Timeframe
from trading.regime.instrument import (
    SIZE_MULTIPLIER,
    Features,
    InstrumentRegime,
    choose,
    features,
    probabilities,
    scores,
    warmup,
)

STRONG, WEAK = InstrumentRegime.STRONG_TREND, InstrumentRegime.WEAK_TREND
RANGING, EXPANSION = InstrumentRegime.RANGING, InstrumentRegime.EXPANSION
REVERSION, EXPLOSION = InstrumentRegime.MEAN_REVERSION, InstrumentRegime.VOLATILITY_EXPLOSION
CONSOLIDATION = InstrumentRegime.CONSOLIDATION
PLAIN = Features(
    adx=25, rsi=50, fast_rsi=50, widening=1, volume=1, spread=0.02, has_histogram=0, is_in_order=0
)


def candles(close: FloatArray, *, span: float = 0.5, volume: float = 10) -> CandleSeries:
    times = np.arange(len(close), dtype=np.int64) * 60
    return CandleSeries(
        "BTC-USD", Timeframe.M1, times, close, close + span, close - span, close,
        np.full(len(close), volume),
    )  # fmt: skip


def walk(count: int = 200, seed: int = 3) -> FloatArray:
    return np.asarray(100 + np.cumsum(np.random.default_rng(seed).normal(0, 0.5, count)))


@pytest.mark.parametrize(
    ("regime", "seen", "points"),
    [
        (STRONG, {"adx": 29.99, "is_in_order": 1}, 0.4),
        (STRONG, {"adx": 30}, 1.0),
        (STRONG, {"adx": 40, "is_in_order": 1}, 1.9),
        (WEAK, {"adx": 19.99}, 0),
        (WEAK, {"adx": 20, "has_histogram": 1}, 1.3),
        (WEAK, {"adx": 30, "has_histogram": 1}, 0.3),
        (RANGING, {"adx": 20}, 0.3),
        (RANGING, {"adx": 15}, 1.3),
        (RANGING, {"adx": 14.99, "rsi": 39.99}, 1.5),
        (EXPANSION, {"widening": 1.51, "volume": 1.31}, 1.0),
        (EXPANSION, {"widening": 1.51, "volume": 1.3}, 0.5),
        (EXPANSION, {"widening": 1.2, "volume": 2.01}, 0.4),
        (EXPANSION, {"widening": 1.6, "volume": 2.01}, 1.4),
        (REVERSION, {"fast_rsi": 35}, 0),
        (REVERSION, {"fast_rsi": 65.01, "rsi": 60.01, "adx": 24}, 1.2),
        (REVERSION, {"widening": 0.89, "rsi": 34.99, "adx": 30}, 0.3),
        (EXPLOSION, {"widening": 2.51}, 1.0),
        (EXPLOSION, {"widening": 2.51, "volume": 2.01, "spread": 0.051}, 2.3),
        (EXPLOSION, {"spread": 0.05}, 0),
        (CONSOLIDATION, {"widening": 0.69, "adx": 19, "spread": 0.0099, "volume": 0.59}, 1.8),
        (CONSOLIDATION, {"widening": 0.69, "adx": 20, "spread": 0.01, "volume": 0.6}, 0),
    ],
)
def test_the_points_of_the_table(
    regime: InstrumentRegime, seen: dict[str, float], points: float
) -> None:
    assert scores(replace(PLAIN, **seen))[regime] == pytest.approx(points)


@settings(max_examples=100)
@given(
    st.builds(
        Features, *(st.floats(0, 100),) * 3, *(st.floats(0, 5),) * 2, st.floats(0, 0.2),
        st.sampled_from([0.0, 1.0]), st.sampled_from([0.0, 1.0]),
    )
)  # fmt: skip
def test_probabilities_sum_to_one(seen: Features[float]) -> None:
    found = probabilities(seen)
    assert found is not None
    assert sum(found.values()) == pytest.approx(1)
    assert min(found.values()) >= 0


def test_what_is_not_known_is_named_and_makes_no_class() -> None:
    seen = replace(PLAIN, adx=np.nan, volume=np.nan)
    assert seen.missing() == ("adx", "volume")
    assert probabilities(seen) is None
    assert choose(STRONG, None) is None


def test_a_class_stays_until_another_leads_by_a_tenth() -> None:
    def chances(strong: float, weak: float) -> dict[InstrumentRegime, float]:
        return {**dict.fromkeys(InstrumentRegime, 0.0), STRONG: strong, WEAK: weak}

    assert choose(STRONG, chances(0.45, 0.54)) is STRONG
    assert choose(STRONG, chances(0.375, 0.5)) is WEAK
    assert choose(None, chances(0.45, 0.46)) is WEAK
    assert choose(None, chances(0.5, 0.5)) is STRONG  # of equals the first
    assert choose(RANGING, chances(0.05, 0.0)) is RANGING


def test_a_steep_rise_is_a_strong_trend() -> None:
    seen = features(candles(100 * 1.004 ** np.arange(120.0)))
    assert seen.adx > 40
    assert seen.is_in_order == 1
    found = probabilities(seen)
    assert found is not None
    assert choose(None, found) is STRONG
    assert SIZE_MULTIPLIER[STRONG] == 1.25


def test_a_burst_of_range_and_volume_is_an_explosion() -> None:
    quiet = candles(walk(), span=0.1)
    high, low, volume = quiet.high.copy(), quiet.low.copy(), quiet.volume.copy()
    high[-1] += 90
    low[-1] -= 60
    volume[-1] = 400
    seen = features(replace(quiet, high=high, low=low, volume=volume))
    assert seen.widening > 2.5
    assert seen.volume == pytest.approx(400 / ((19 * 10 + 400) / 20))
    found = probabilities(seen)
    assert found is not None
    assert choose(None, found) is EXPLOSION


def test_all_is_known_with_the_warm_up_and_not_a_candle_before() -> None:
    prices = walk()
    assert features(candles(prices[: warmup()])).missing() == ()
    assert features(candles(prices[: warmup() - 1])).missing() != ()


@pytest.mark.parametrize("count", [0, 1, 5])
def test_few_candles_leave_it_unknown(count: int) -> None:
    assert probabilities(features(candles(walk()[:count]))) is None


def test_a_market_without_range_or_volume_is_not_known() -> None:
    still = candles(np.full(100, 50.0), span=0, volume=0)
    assert features(still).missing() == ("widening", "volume")


def test_every_class_has_a_size() -> None:
    assert set(SIZE_MULTIPLIER) == set(InstrumentRegime)
