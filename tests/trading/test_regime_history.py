"""The class of an instrument at each candle of its history."""

from dataclasses import replace

import numpy as np
import pytest

from tests.trading.test_instrument_regime import candles, walk
from trading.candles import CandleSeries
from trading.regime.history import class_at, classes
from trading.regime.instrument import (
    InstrumentRegime,
    choose,
    features,
    probabilities,
    warmup,
)
from trading.regime.measures import AT_ONCE


def _lively(count: int, seed: int) -> CandleSeries:
    """With stretches that trend, burst and stand nearly still."""
    draw = np.random.default_rng(seed)
    drift = np.repeat(draw.normal(0, 0.3, -(-count // 40)), 40)[:count]
    wild = np.repeat(draw.choice([0.05, 0.5, 2.0], -(-count // 25)), 25)[:count]
    close = 300 + np.cumsum(drift + draw.normal(0, 1, count) * wild)
    volume = draw.uniform(1, 30, count)
    return replace(
        candles(close), high=close + wild, low=close - wild * draw.uniform(0, 1, count),
        volume=volume,
    )  # fmt: skip


def _first(history: CandleSeries, count: int) -> CandleSeries:
    columns = ("close_times", "open", "high", "low", "close", "volume")
    return replace(history, **{name: getattr(history, name)[:count] for name in columns})


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_it_is_what_choosing_at_every_close_gives(seed: int) -> None:
    history = _lively(260, seed)
    found = classes(history)
    current = None
    for index in range(len(history.close)):
        current = choose(current, probabilities(features(_first(history, index + 1))))
        assert found[index] is current, index
    assert len({each for each in found if each is not None}) > 2


def test_it_is_not_known_until_it_has_warmed_up() -> None:
    found = classes(candles(walk(200)))
    assert found[: warmup() - 1] == [None] * (warmup() - 1)
    assert None not in found[warmup() - 1 :]


def test_no_candle_changes_what_was_before_it() -> None:
    history = _lively(220, 5)
    other = replace(history, close=np.concatenate([history.close[:180], history.close[180:] * 3]))
    assert classes(other)[:180] == classes(history)[:180]


def test_a_candle_without_volume_for_long_is_not_known_and_ends_the_class() -> None:
    history = candles(walk(200))
    volume = history.volume.copy()
    volume[100:130] = 0
    found = classes(replace(history, volume=volume))
    assert found[98] is not None
    assert found[119:130] == [None] * 11
    assert found[130] is not None


def test_a_moment_has_the_class_of_the_last_candle_that_had_closed() -> None:
    history = candles(walk(200))
    found = classes(history)
    found[150], found[151] = InstrumentRegime.RANGING, InstrumentRegime.EXPANSION
    closed = int(history.close_times[150])
    assert class_at(history, found, closed) is InstrumentRegime.RANGING
    assert class_at(history, found, closed + 59) is InstrumentRegime.RANGING
    assert class_at(history, found, closed + 60) is InstrumentRegime.EXPANSION
    assert class_at(history, found, int(history.close_times[0]) - 1) is None


def test_a_history_longer_than_is_read_at_once_is_read_alike() -> None:
    history = candles(np.asarray(walk(AT_ONCE + 500) + 1_000))
    tail = history.last(400)
    assert classes(history)[-100:] == classes(tail)[-100:]


@pytest.mark.parametrize("count", [0, 1, 30])
def test_a_short_history_is_not_known(count: int) -> None:
    assert classes(candles(walk(60)[:count])) == [None] * count
