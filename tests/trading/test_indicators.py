"""What every indicator promises."""

import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.trading.slow_indicators import columns_of
from trading import indicators
from trading.candles import FloatArray
from trading.indicators import Indicator

HLC = ("high", "low", "close")
# Each indicator, the columns it takes, and parameters with a short warm-up and a longer one.
CASES: list[tuple[Indicator[..., ..., Any], tuple[str, ...], list[tuple[Any, ...]]]] = [
    (indicators.sma, ("values",), [(1,), (5,)]),
    (indicators.wma, ("values",), [(1,), (5,)]),
    (indicators.ema, ("values",), [(1,), (5,)]),
    (indicators.ema_from_first, ("values",), [(1,), (5,)]),
    (indicators.rsi, ("close",), [(2,), (14,)]),
    (indicators.rsi_simple, ("close",), [(2,), (14,)]),
    (indicators.macd, ("close",), [(2, 3, 1), (3, 7, 4)]),
    (indicators.macd_from_first, ("close",), [(2, 3, 1), (3, 7, 4)]),
    (indicators.true_range, HLC, [()]),
    (indicators.atr, HLC, [(1,), (14,)]),
    (indicators.atr_simple, HLC, [(1,), (14,)]),
    (indicators.adx, HLC, [(2,), (7,)]),
    (indicators.adx_simple, HLC, [(2,), (7,)]),
    (indicators.vwap, (*HLC, "volume"), [()]),
    (indicators.vwap_of_day, (*HLC, "volume", "close_times"), [()]),
]
EACH = pytest.mark.parametrize(
    ("indicator", "names", "parameters"),
    [(each, names, one) for each, names, those in CASES for one in those],
    ids=lambda value: getattr(value, "__name__", str(value)),
)


def answers(
    indicator: Indicator[..., ..., Any], columns: list[Any], parameters: tuple[Any, ...]
) -> list[FloatArray]:
    answer = indicator(*columns, *parameters)
    return [answer] if isinstance(answer, np.ndarray) else list(answer)


def test_every_indicator_is_tried_here() -> None:
    exported = {getattr(indicators, name) for name in indicators.__all__}
    assert {each for each in exported if isinstance(each, Indicator)} == {one for one, *_ in CASES}


@EACH
@given(seed=st.integers(0, 10_000), count=st.integers(0, 60), cut=st.integers(0, 60))
def test_a_row_knows_nothing_of_later_rows(
    indicator: Indicator[..., ..., Any],
    names: tuple[str, ...],
    parameters: tuple[Any, ...],
    seed: int,
    count: int,
    cut: int,
) -> None:
    market, other = columns_of(seed, count), columns_of(seed + 1, count)
    full = [market[name] for name in names]
    changed = [
        market[name]
        if name == "close_times"
        else np.concatenate([market[name][:cut], other[name][cut:]])
        for name in names
    ]
    for one, two in zip(
        answers(indicator, full, parameters), answers(indicator, changed, parameters), strict=True
    ):
        np.testing.assert_array_equal(one[:cut], two[:cut])
    for one, two in zip(
        answers(indicator, full, parameters),
        answers(indicator, [column[:cut] for column in full], parameters),
        strict=True,
    ):
        np.testing.assert_array_equal(one[:cut], two)


@EACH
@given(seed=st.integers(0, 10_000), count=st.integers(0, 60))
def test_the_warm_up_is_nan_and_all_behind_it_is_not(
    indicator: Indicator[..., ..., Any],
    names: tuple[str, ...],
    parameters: tuple[Any, ...],
    seed: int,
    count: int,
) -> None:
    market = columns_of(seed, count)
    unknown = indicator.warmup(*parameters) - 1
    for answer in answers(indicator, [market[name] for name in names], parameters):
        assert len(answer) == count
        assert np.isnan(answer[:unknown]).all()
        assert np.isfinite(answer[unknown:]).all()


ODD = [0.0, 1.0, 1e-300, 1e99, 1e308, np.nan, np.inf, -np.inf]


@EACH
@given(rows=st.lists(st.lists(st.sampled_from(ODD), min_size=4, max_size=4), max_size=40))
def test_odd_rows_raise_nothing_and_give_no_infinity(
    indicator: Indicator[..., ..., Any],
    names: tuple[str, ...],
    parameters: tuple[Any, ...],
    rows: list[list[float]],
) -> None:
    table = np.array(rows, dtype=np.float64).reshape(len(rows), 4)
    market: dict[str, Any] = dict(zip([*HLC, "volume"], table.T, strict=True))
    market["values"] = market["close"]
    market["close_times"] = np.arange(len(rows), dtype=np.int64)
    for answer in answers(indicator, [market[name] for name in names], parameters):
        assert len(answer) == len(rows)
        assert not np.isinf(answer).any()


@EACH
@pytest.mark.parametrize("value", [0.0, 0.1, 60_000.0])
def test_a_market_that_stands_still_has_a_value_behind_the_warm_up(
    indicator: Indicator[..., ..., Any],
    names: tuple[str, ...],
    parameters: tuple[Any, ...],
    value: float,
) -> None:
    market = {name: np.full(50, value) for name in names}
    if "close_times" in market:
        market["close_times"] = np.arange(50, dtype=np.int64)
    unknown = indicator.warmup(*parameters) - 1
    for answer in answers(indicator, list(market.values()), parameters):
        assert np.isnan(answer[:unknown]).all()
        assert np.isfinite(answer[unknown:]).all()


@EACH
def test_holes_at_the_beginning_do_not_count_and_later_ones_hide_the_rest(
    indicator: Indicator[..., ..., Any], names: tuple[str, ...], parameters: tuple[Any, ...]
) -> None:
    market = columns_of(1, 100)
    holed = [market[name].copy() for name in names]
    holed[0][:5] = np.nan
    holed[0][80] = np.nan
    whole = answers(indicator, [market[name][5:80] for name in names], parameters)
    for one, two in zip(whole, answers(indicator, holed, parameters), strict=True):
        np.testing.assert_array_equal(two[5:80], one)
        assert np.isnan(two[:5]).all()
        assert np.isnan(two[80:]).all()


@EACH
def test_columns_are_left_alone(
    indicator: Indicator[..., ..., Any], names: tuple[str, ...], parameters: tuple[Any, ...]
) -> None:
    market = columns_of(2, 60)
    for column in market.values():
        column.flags.writeable = False
    for answer in answers(indicator, [market[name] for name in names], parameters):
        assert answer.flags.writeable
        assert not any(np.shares_memory(answer, market[name]) for name in names)


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
