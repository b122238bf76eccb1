"""Which instruments move together."""

import numpy as np
import pytest
from numpy.typing import NDArray

from trading.candles import CandleSeries, Timeframe
from trading.correlation import LEAST_RETURNS, apart, correlation

RANDOM = np.random.default_rng(7)


def series(returns: NDArray[np.float64], first: int = 0) -> CandleSeries:
    closes = 100 * np.exp(np.concatenate([[0.0], np.cumsum(returns)]))
    times = 60 * (first + np.arange(len(closes), dtype=np.int64))
    return CandleSeries("X-USD", Timeframe.M1, times, *(closes,) * 4, np.ones(len(closes)))


def noise(count: int = 60) -> NDArray[np.float64]:
    return RANDOM.normal(0, 0.01, count)


def test_what_moves_alike_or_against_each_other_is_together() -> None:
    own = noise()
    others = {1: series(own), 2: series(-own), 3: series(noise()), 4: series(own + noise() / 2)}
    assert apart(series(own), others) == {3}


def test_it_is_pearsons_of_the_common_returns() -> None:
    one, other = noise(80), noise(80)
    found = correlation(series(one), series(other[10:], first=10))
    assert found == pytest.approx(np.corrcoef(one[10:], other[10:])[0, 1])


def test_of_older_returns_than_the_window_nothing_is_taken() -> None:
    own = noise(400)
    other = own.copy()
    other[:300] = -own[:300]
    assert correlation(series(own), series(other)) == pytest.approx(1.0)


@pytest.mark.parametrize(("count", "is_known"), [(LEAST_RETURNS, True), (LEAST_RETURNS - 1, False)])
def test_too_few_returns_in_common_say_nothing(count: int, is_known: bool) -> None:
    assert (correlation(series(noise(count)), series(noise(count))) is not None) is is_known


def test_what_does_not_move_is_not_known_to_move_apart() -> None:
    still = series(np.zeros(60))
    assert correlation(series(noise()), still) is None
    assert apart(series(noise()), {1: still}) == frozenset()
