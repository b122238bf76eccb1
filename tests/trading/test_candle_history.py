from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.trading.histories import walk
from trading.candle_history import CandleHistory, ExactColumn

PRICES = st.decimals("1e-18", "1e19", places=18) | st.decimals("0.01", "99999", places=2)


def test_a_history_reads_like_the_list_of_its_candles() -> None:
    candles = walk(1, 50)
    history = CandleHistory.of(candles)
    assert list(history) == candles
    assert history[7] == candles[7]
    assert history[-1] == candles[-1]
    assert list(history[10:20]) == candles[10:20]
    assert CandleHistory.of(history) is history
    assert list(CandleHistory.of([])) == []


@given(st.lists(PRICES, min_size=1, max_size=20))
def test_no_digit_is_lost(values: list[Decimal]) -> None:
    column = ExactColumn.of(values)
    assert [column.at(index) for index in range(len(values))] == values
    assert (column.least(), column.most()) == (min(values), max(values))


@given(st.lists(PRICES, min_size=1, max_size=20))
def test_texts_are_read_as_they_were_written(values: list[Decimal]) -> None:
    column = ExactColumn.of_texts([f"{value:f}" for value in values])
    assert [column.at(index) for index in range(len(values))] == values


@given(st.lists(PRICES, min_size=2, max_size=20))
def test_floats_are_in_the_order_of_the_exact_numbers(values: list[Decimal]) -> None:
    floats = ExactColumn.of(sorted(values)).floats()
    assert (np.diff(floats) >= 0).all()
    assert np.allclose(floats, [float(value) for value in sorted(values)], rtol=1e-15)


def test_what_is_no_number_is_refused() -> None:
    with pytest.raises(ValueError, match="no price"):
        ExactColumn.of([Decimal("NaN")])
