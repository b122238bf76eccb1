"""Indicators against slow references."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.trading import slow_indicators as slow
from trading import indicators
from trading.candles import FloatArray
from trading.indicators import Indicator

HLC = ("high", "low", "close")


def answers(answer: Any) -> list[FloatArray]:
    return [answer] if isinstance(answer, np.ndarray) else list(answer)


REFERENCES: list[
    tuple[Indicator[..., ..., Any], tuple[str, ...], Callable[..., Any], tuple[int, ...]]
] = [
    (indicators.sma, ("values",), slow.sma, (9,)),
    (indicators.wma, ("values",), slow.wma, (9,)),
    (indicators.ema, ("values",), slow.ema, (9,)),
    (indicators.ema_from_first, ("values",), slow.ema_from_first, (9,)),
    (indicators.rsi, ("close",), slow.rsi, (14,)),
    (indicators.rsi_simple, ("close",), slow.rsi_simple, (14,)),
    (indicators.macd, ("close",), slow.macd, (12, 26, 9)),
    (indicators.macd_from_first, ("close",), slow.macd_from_first, (12, 26, 9)),
    (indicators.true_range, HLC, slow.ranges, ()),
    (indicators.atr, HLC, slow.atr, (14,)),
    (indicators.atr_simple, HLC, slow.atr_simple, (14,)),
    (indicators.adx_simple, HLC, slow.adx_simple, (14,)),
    (indicators.vwap, (*HLC, "volume"), slow.vwap, ()),
    (indicators.vwap_of_day, (*HLC, "volume", "close_times"), slow.vwap_of_day, ()),
]


@pytest.mark.parametrize(
    ("indicator", "names", "reference", "parameters"),
    REFERENCES,
    ids=lambda value: getattr(value, "__name__", str(value)),
)
@given(seed=st.integers(0, 10_000), count=st.integers(40, 120))
def test_it_is_what_its_definition_says(
    indicator: Indicator[..., ..., Any],
    names: tuple[str, ...],
    reference: Callable[..., Any],
    parameters: tuple[int, ...],
    seed: int,
    count: int,
) -> None:
    market = slow.columns_of(seed, count)
    columns = [market[name] for name in names]
    found = answers(indicator(*columns, *parameters))
    wanted = np.atleast_2d(np.array(reference(*columns, *parameters)))
    unknown = indicator.warmup(*parameters) - 1
    for one, two in zip(found, wanted[:, unknown:], strict=True):
        assert_same(one[unknown:], two)


def assert_same(found: FloatArray, wanted: FloatArray) -> None:
    scale = np.abs(wanted).max(initial=0)
    np.testing.assert_allclose(found, wanted, rtol=1e-9, atol=1e-9 * scale)
