"""What indicators take, what they refuse, and what has no value."""

import subprocess
import sys
from typing import Any

import numpy as np
import pytest
import talib._ta_lib as talib

from tests.trading.slow_indicators import columns_of
from trading import indicators


@pytest.mark.parametrize("rows", [16_383, 16_384, 16_400, 50_000])
def test_long_columns_are_answered_as_their_parts_are(rows: int) -> None:
    market = columns_of(11, rows)
    high, low, close = market["high"], market["low"], market["close"]
    whole = indicators.adx_simple(high, low, close, 14)
    for cut in (0, rows // 2, rows - 100):
        part = indicators.adx_simple(high[cut:], low[cut:], close[cut:], 14)
        for one, two in zip(whole, part, strict=True):
            np.testing.assert_array_equal(one[cut + 28 :], two[28:])


def test_long_columns_of_one_answer_are_joined() -> None:
    close = columns_of(12, 40_000)["close"]
    tail = indicators.rsi_simple(close[20_000:], 14)
    np.testing.assert_array_equal(indicators.rsi_simple(close, 14)[20_015:], tail[15:])


def test_the_trend_of_long_columns_is_that_of_ta_lib() -> None:
    market = columns_of(13, 40_000)
    high, low, close = market["high"], market["low"], market["close"]
    trend = indicators.adx(high, low, close, 14).adx
    np.testing.assert_allclose(trend, talib.ADX(high, low, close, 14), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("row", [0, 8_191, 8_192, 19_999])
def test_a_hole_is_found_anywhere_in_a_long_column(row: int) -> None:
    column = np.ones(20_000)
    column[row] = np.nan
    known = np.isfinite(indicators.sma(column, 1))
    assert known.sum() == (19_999 if row == 0 else row)


@pytest.mark.parametrize("length", [0, -1, 100_001, 1.5, True, "9"])
def test_a_length_that_is_no_number_of_rows_is_refused(length: Any) -> None:
    with pytest.raises(ValueError, match="length must"):
        indicators.ema(np.ones(10), length)


def test_a_fast_average_that_is_not_faster_is_refused() -> None:
    with pytest.raises(ValueError, match="fast"):
        indicators.macd.warmup(26, 12, 9)


@pytest.mark.parametrize(
    "column", [[1.0, 2.0], np.ones((2, 2)), np.array([1, 2], dtype=np.float32), np.array(["a"])]
)
def test_what_is_no_column_is_refused(column: Any) -> None:
    with pytest.raises(ValueError, match="takes arrays"):
        indicators.sma(column, 1)


def test_columns_of_different_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="one length"):
        indicators.atr(np.ones(3), np.ones(3), np.ones(4), 2)


def test_close_times_that_do_not_rise_are_refused() -> None:
    price = np.ones(2)
    with pytest.raises(ValueError, match="rise"):
        indicators.vwap_of_day(price, price, price, price, np.array([60, 60]))


def test_naming_an_indicator_does_not_load_pandas() -> None:
    code = "import sys, trading.indicators; sys.exit('pandas' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("number", [0, -2, np.nan, np.inf])
def test_a_factor_that_is_no_positive_number_is_refused(number: float) -> None:
    with pytest.raises(ValueError, match="deviations"):
        indicators.bollinger.warmup(20, number)
    with pytest.raises(ValueError, match="periods_a_year"):
        indicators.realised_volatility.warmup(20, number)


def test_of_nothing_there_is_no_share() -> None:
    assert np.isnan(indicators.roc(np.array([0.0, 5.0, 0.0, 1e-300, 1e10]), 1)[[1, 3, 4]]).all()


def test_a_price_of_zero_has_no_volatility() -> None:
    close = np.array([1.0, 2.0, 3.0, 4.0, 0.0, 5.0, 6.0, 7.0])
    known = np.isfinite(indicators.realised_volatility(close, 2, 365))
    assert known.tolist() == [False, False, True, True, False, False, False, False]
