import numpy as np
import pytest

from tests.fakes import MINUTE, MONDAY
from trading.candle_quality import Gap, gaps, outliers, quality
from trading.candles import Timeframe


def found(*minutes: int, until: int) -> list[Gap]:
    times = [MONDAY + number * MINUTE for number in minutes]
    return gaps(times, Timeframe.M1, MONDAY + until * MINUTE)


def test_what_is_missing_between_and_after_candles_is_a_gap() -> None:
    assert found(0, 1, 4, 5, until=8) == [
        Gap(MONDAY + 2 * MINUTE, MONDAY + 4 * MINUTE, 2),
        Gap(MONDAY + 6 * MINUTE, MONDAY + 8 * MINUTE, 2),
    ]


def test_a_whole_series_has_none_and_no_candle_says_nothing() -> None:
    assert found(0, 1, 2, until=3) == []
    assert found(until=100) == []


def walk(count: int = 400) -> np.ndarray:
    return 100 * np.exp(np.cumsum(np.random.default_rng(7).normal(0, 0.001, count)))


@pytest.mark.parametrize(("column", "factor"), [("high", 1.05), ("low", 0.95)])
def test_a_high_or_low_far_from_the_close_before_it_stands_out(column: str, factor: float) -> None:
    close = walk()
    high, low = close * 1.0005, close * 0.9995
    {"high": high, "low": low}[column][300] = close[299] * factor

    (outlier,) = outliers(high, low, close)

    assert outlier.index == 300
    assert outlier.move == pytest.approx(np.log(factor))
    assert outlier.score > 20


def test_a_wild_market_has_no_outliers_of_its_own_making() -> None:
    calm = walk()
    wild = 100 * (calm / 100) ** 10

    assert outliers(wild * 1.001, wild * 0.999, wild) == []


def test_a_market_that_stood_still_may_move() -> None:
    close = np.full(300, 100.0)
    close[200:] = 100.05

    assert outliers(close, close, close) == []


def test_of_the_first_candles_nothing_is_said() -> None:
    close = np.array([100.0, 200.0, 100.0])

    assert outliers(close, close, close) == []


@pytest.mark.parametrize(
    ("stored", "missing", "revised", "outlying", "figure"),
    [
        (1000, 0, 0, 0, 100.0),
        (999, 1, 0, 0, 99.9),
        (1000, 0, 1, 0, 99.0),
        (1000, 0, 0, 1, 99.0),
        (500, 500, 0, 50, 0.0),
        (0, 10, 0, 0, None),
    ],
)
def test_the_figure_is_what_its_formula_says(
    stored: int, missing: int, revised: int, outlying: int, figure: float | None
) -> None:
    measured = quality(stored, missing, revised, outlying)

    assert measured == (None if figure is None else pytest.approx(figure))
