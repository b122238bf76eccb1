"""What every indicator promises."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.trading.slow_indicators import columns_of
from trading import indicators
from trading.candles import FloatArray
from trading.indicators import Indicator
from trading.indicators.contract import are_whole

Case = tuple[Indicator[..., ..., Any], tuple[str, ...], list[tuple[Any, ...]]]

HLC = ("high", "low", "close")
# Each indicator, the columns it takes, and parameters with a short warm-up and a longer one.
CASES: list[Case] = [
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
    (indicators.bollinger, ("close",), [(2, 2.0), (20, 0.5)]),
    (indicators.donchian, ("high", "low"), [(2,), (20,)]),
    (indicators.standard_deviation, ("values",), [(2,), (20,)]),
    (indicators.realised_volatility, ("close",), [(2, 365), (20, 252)]),
    (indicators.roc, ("close",), [(1,), (9,)]),
    (indicators.stochastic, HLC, [(2, 1, 1), (14, 3, 3)]),
    (indicators.obv, ("close", "volume"), [()]),
    (indicators.vwap, (*HLC, "volume"), [()]),
    (indicators.vwap_of_day, (*HLC, "volume", "close_times"), [()]),
]


def each(cases: list[Case]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(
        ("indicator", "names", "parameters"),
        [(one, names, parameters) for one, names, those in cases for parameters in those],
        ids=lambda value: getattr(value, "__name__", str(value)),
    )


EACH = each(CASES)
FORGETFUL = each([case for case in CASES if case[0].forgets])


def answers(
    indicator: Callable[..., Any], columns: list[Any], parameters: tuple[Any, ...]
) -> list[FloatArray]:
    answer = indicator(*columns, *parameters)
    return [answer] if isinstance(answer, np.ndarray) else list(answer)


def test_every_indicator_is_tried_here() -> None:
    exported = {getattr(indicators, name) for name in indicators.__all__}
    assert {each for each in exported if isinstance(each, Indicator)} == {one for one, *_ in CASES}


@EACH
@settings(max_examples=20)
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
@settings(max_examples=20)
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


@EACH
@settings(max_examples=20)
@given(seed=st.integers(0, 10_000), count=st.integers(0, 60))
def test_columns_that_are_known_to_be_whole_are_answered_the_same(
    indicator: Indicator[..., ..., Any],
    names: tuple[str, ...],
    parameters: tuple[Any, ...],
    seed: int,
    count: int,
) -> None:
    columns = [columns_of(seed, count)[name] for name in names]
    unknown = indicator.warmup(*parameters) - 1
    assert are_whole(columns)
    for one, two in zip(
        answers(indicator, columns, parameters),
        answers(indicator.of_whole, columns, parameters),
        strict=True,
    ):
        np.testing.assert_array_equal(one[unknown:], two[unknown:])


@pytest.mark.parametrize("odd", [np.nan, np.inf, -np.inf, 1e101])
def test_a_column_with_an_odd_row_is_not_whole(odd: float) -> None:
    assert are_whole([np.ones(3), np.arange(3)])
    assert not are_whole([np.ones(3), np.array([1.0, odd, 1.0])])


ODD = [0.0, 1.0, 1e-300, 1e99, 1e308, np.nan, np.inf, -np.inf]


@EACH
@settings(max_examples=20)
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
@pytest.mark.parametrize("value", [0.1, 60_000.0])
def test_a_market_that_stands_still_has_a_value_behind_the_warm_up(
    indicator: Indicator[..., ..., Any],
    names: tuple[str, ...],
    parameters: tuple[Any, ...],
    value: float,
) -> None:
    market: dict[str, Any] = dict.fromkeys(names, np.full(50, value))
    if "close_times" in market:
        market["close_times"] = np.arange(50, dtype=np.int64)
    unknown = indicator.warmup(*parameters) - 1
    for answer in answers(indicator, list(market.values()), parameters):
        assert np.isnan(answer[:unknown]).all()
        assert np.isfinite(answer[unknown:]).all()


@EACH
@settings(max_examples=20)
@given(
    column=st.integers(0, 3),
    row=st.integers(6, 99),
    odd=st.sampled_from([np.nan, np.inf, -np.inf]),
    opening=st.sampled_from([0, 5]),
)
def test_holes_at_the_beginning_do_not_count_and_later_ones_hide_the_rest(
    indicator: Indicator[..., ..., Any],
    names: tuple[str, ...],
    parameters: tuple[Any, ...],
    column: int,
    row: int,
    odd: float,
    opening: int,
) -> None:
    market = columns_of(1, 100)
    holed = [market[name].copy() for name in names]
    of = holed[min(column, len([name for name in names if name != "close_times"]) - 1)]
    of[:opening] = np.nan
    of[row] = odd
    whole = answers(indicator, [market[name][opening:row] for name in names], parameters)
    for one, two in zip(whole, answers(indicator, holed, parameters), strict=True):
        np.testing.assert_array_equal(two[opening:row], one)
        assert np.isnan(two[:opening]).all()
        assert np.isnan(two[row:]).all()


@FORGETFUL
@settings(max_examples=20)
@given(seed=st.integers(0, 10_000), begin=st.integers(0, 60))
def test_one_that_forgets_answers_the_same_bits_in_a_shorter_history(
    indicator: Indicator[..., ..., Any],
    names: tuple[str, ...],
    parameters: tuple[Any, ...],
    seed: int,
    begin: int,
) -> None:
    market = columns_of(seed, 120)
    whole = answers(indicator, [market[name] for name in names], parameters)
    later = answers(indicator, [market[name][begin:] for name in names], parameters)
    known = indicator.warmup(*parameters)
    for one, two in zip(whole, later, strict=True):
        np.testing.assert_array_equal(one[begin + known :], two[known:])


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
