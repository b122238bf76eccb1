"""What kind of market it is, and when nobody can tell."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trading.candles import CandleSeries, FloatArray, Timeframe
from trading.regime import (
    LEAST_CANDLES,
    NOT_APPLICABLE,
    RULES,
    Inputs,
    Regime,
    Standing,
    classify,
    follow,
    momentum,
    most_candles,
    volatility,
)
from trading.regime.classifier import Optional
from trading.regime.volatilities import Volatilities

UNKNOWN = None
NEITHER = NOT_APPLICABLE


def read(
    volatility: float | None = 50,
    momentum: float | None = 20,
    equity: Optional = 25,
    vix: Optional = 20,
) -> tuple[Regime | None, str]:
    reading = classify(Inputs(volatility, momentum, equity, vix))
    return reading.regime, reading.rule


def test_a_market_of_middling_figures_is_ranging() -> None:
    assert read() == (Regime.RANGING, "ranging")


@pytest.mark.parametrize(
    ("inputs", "regime", "rule"),
    [
        ({"vix": 30, "equity": -30}, Regime.RISK_OFF, "risk_off_by_vix"),
        ({"vix": 29.99, "equity": -30}, Regime.HIGH_VOLATILITY, "high_volatility"),
        ({"vix": 30, "equity": -29.99}, Regime.HIGH_VOLATILITY, "high_volatility"),
        ({"momentum": -40, "equity": -40}, Regime.RISK_OFF, "risk_off_by_common_fall"),
        ({"momentum": -40, "equity": -39.99}, Regime.TRENDING_DOWN, "trending_down"),
        ({"volatility": 60, "momentum": 90}, Regime.HIGH_VOLATILITY, "high_volatility"),
        ({"volatility": 59.99, "momentum": 40}, Regime.TRENDING_UP, "trending_up"),
        ({"vix": 25}, Regime.HIGH_VOLATILITY, "high_volatility"),
        ({"vix": 24.99}, Regime.RANGING, "ranging"),
        ({"momentum": 39.99}, Regime.RANGING, "ranging"),
        ({"volatility": 30, "vix": 15}, Regime.LOW_VOLATILITY, "low_volatility"),
        ({"volatility": 30.01, "vix": 15}, Regime.RANGING, "ranging"),
        ({"volatility": 30, "vix": 15.01}, Regime.RANGING, "ranging"),
        ({"volatility": 0, "vix": 10, "momentum": 50}, Regime.TRENDING_UP, "trending_up"),
    ],
)
def test_the_first_rule_that_holds_decides(
    inputs: dict[str, float], regime: Regime, rule: str
) -> None:
    assert read(**inputs) == (regime, rule)


@pytest.mark.parametrize(
    ("inputs", "regime"),
    [
        ({"momentum": -90.0}, Regime.TRENDING_DOWN),  # not RISK_OFF: one market does not make two
        ({"volatility": 60.0}, Regime.HIGH_VOLATILITY),
        ({"volatility": 30.0}, Regime.LOW_VOLATILITY),
        ({"volatility": 30.01}, Regime.RANGING),
    ],
)
def test_a_market_without_vix_and_equities_is_read_by_crypto_alone(
    inputs: dict[str, float], regime: Regime
) -> None:
    assert read(**inputs, vix=NEITHER, equity=NEITHER)[0] is regime


def test_what_is_not_known_is_named_and_nobody_guesses() -> None:
    reading = classify(Inputs(UNKNOWN, UNKNOWN))
    assert (reading.regime, reading.rule) == (None, "high_volatility")
    assert reading.missing == ("crypto_volatility", "crypto_momentum")


@pytest.mark.parametrize(
    ("inputs", "regime"),
    [
        # What is known settles it.
        ({"vix": UNKNOWN, "equity": 0.0, "volatility": 60.0}, Regime.HIGH_VOLATILITY),
        ({"volatility": UNKNOWN, "vix": 25.0}, Regime.HIGH_VOLATILITY),
        ({"momentum": UNKNOWN, "equity": 0.0, "volatility": 75.0}, Regime.HIGH_VOLATILITY),
        # It might be RISK_OFF, so what comes later may not speak.
        ({"vix": UNKNOWN, "equity": -30.0, "volatility": 60.0}, None),
        ({"equity": UNKNOWN, "vix": 30.0}, None),
        ({"vix": UNKNOWN}, None),
        ({"momentum": UNKNOWN}, None),
    ],
)
def test_a_rule_that_cannot_tell_stops_those_after_it(
    inputs: dict[str, float | None], regime: Regime | None
) -> None:
    assert read(**inputs)[0] is regime


VALUES = st.sampled_from([None, -100.0, -40.0, -30.0, 0.0, 15.0, 25.0, 30.0, 40.0, 60.0, 100.0])
MAYBE = VALUES | st.just(NOT_APPLICABLE)


@settings(max_examples=200)
@given(VALUES, VALUES, MAYBE, MAYBE, st.data())
def test_learning_what_was_missing_never_changes_a_class_that_was_told(
    wild: float | None, move: float | None, equity: Optional, vix: Optional, data: st.DataObject
) -> None:
    before = classify(Inputs(wild, move, equity, vix))
    known = st.floats(-100, 100)
    learnt = [data.draw(known) if item is None else item for item in (wild, move, equity, vix)]
    after = classify(Inputs(*learnt))  # type: ignore[arg-type]
    assert after.regime is not None
    assert before.regime in {None, after.regime}
    assert bool(before.missing) == (before.regime is None)


def test_no_input_may_be_nan() -> None:
    with pytest.raises(ValueError, match="vix must be a number or None"):
        Inputs(1.0, 1.0, 1.0, math.nan)


def test_inputs_are_kept_as_they_were() -> None:
    assert Inputs(12.5, UNKNOWN, NEITHER, 14.0).as_json() == {
        "crypto_volatility": 12.5, "crypto_momentum": None,
        "equity_momentum": "not_applicable", "vix": 14.0,
    }  # fmt: skip


def test_every_rule_has_words_and_every_class_a_rule() -> None:
    assert all(rule.words for rule in RULES.values())
    assert {rule.regime for rule in RULES.values()} == set(Regime)


# Hysteresis

UP, DOWN, RANGE = Regime.TRENDING_UP, Regime.TRENDING_DOWN, Regime.RANGING


def in_force(observed: list[Regime | None]) -> list[Regime | None]:
    standing: Standing | None = None
    found = []
    for regime in observed:
        standing = follow(standing, regime)
        found.append(standing.regime)
    return found


@pytest.mark.parametrize(
    ("observed", "expected"),
    [
        ([UP, UP, UP], [None, UP, UP]),
        ([UP, UP, DOWN, UP, DOWN, DOWN, UP], [None, UP, UP, UP, UP, DOWN, DOWN]),
        ([UP, UP, DOWN, RANGE, DOWN, RANGE, RANGE], [None, UP, UP, UP, UP, UP, RANGE]),
        ([UP, UP, None, UP, None, None, UP, UP], [None, UP, UP, UP, UP, None, None, UP]),
    ],
)
def test_a_class_is_entered_with_its_second_candle_in_a_row(
    observed: list[Regime | None], expected: list[Regime | None]
) -> None:
    assert in_force(observed) == expected


@settings(max_examples=100)
@given(st.lists(st.sampled_from([UP, DOWN, RANGE, None]), max_size=30))
def test_nothing_changes_on_one_candle(observed: list[Regime | None]) -> None:
    for number, (before, now) in enumerate(pairwise([None, *in_force(observed)])):
        if now != before:
            assert observed[number - 1 : number + 1] == [now, now]


# Volatility and momentum


def walk(count: int = 700, seed: int = 1, step: float = 0.01) -> FloatArray:
    generator = np.random.default_rng(seed)
    return np.asarray(100 * np.exp(np.cumsum(generator.normal(0, step, count))))


def slow_volatility(closes: list[float]) -> float:
    """As the definition says it."""
    returns = [math.log(b / a) for a, b in pairwise(closes)]
    realised = []
    for end in range(20, len(returns) + 1):
        window = returns[end - 20 : end]
        mean = math.fsum(window) / 20
        realised.append(math.sqrt(math.fsum((item - mean) ** 2 for item in window) / 19))
    newest, others = realised[-1], realised[:-1]
    below = sum(item < newest - 1e-12 for item in others)
    equal = sum(abs(item - newest) <= 1e-12 for item in others)
    return 100 * (below + equal / 2) / len(others)


@pytest.mark.parametrize("seed", range(5))
def test_volatility_and_momentum_are_as_defined(seed: int) -> None:
    closes = walk(LEAST_CANDLES + 37 * seed, seed)
    assert volatility(closes) == pytest.approx(slow_volatility(closes.tolist()), abs=1e-9)
    moves = [math.log(b / a) for a, b in zip(closes, closes[20:], strict=False)]
    mean = math.fsum(moves) / len(moves)
    spread = math.sqrt(math.fsum((item - mean) ** 2 for item in moves) / (len(moves) - 1))
    z = (moves[-1] - mean) / spread
    assert momentum(closes) == pytest.approx(max(-100, min(100, 100 * z / 3)), abs=1e-6)


def test_with_one_candle_too_few_nothing_is_known() -> None:
    assert volatility(walk(LEAST_CANDLES - 1)) is None
    assert momentum(walk(LEAST_CANDLES - 1)) is None
    assert volatility(walk(LEAST_CANDLES)) is not None
    assert momentum(walk(LEAST_CANDLES)) is not None


def test_no_candles_at_all_are_too_few() -> None:
    assert volatility(np.array([])) is None
    assert momentum(np.array([])) is None


def test_a_price_that_stands_still_is_as_usual() -> None:
    still = np.full(600, 100.0)
    assert volatility(still) == 50
    assert momentum(still) == 0


def test_so_is_one_that_always_grows_alike() -> None:
    assert momentum(100 * 1.001 ** np.arange(600.0)) == 0


def test_the_wildest_candles_are_at_100_and_the_calmest_near_0() -> None:
    prices = walk(600)
    assert volatility(np.append(prices, prices[-1] * 2)) == 100
    still = np.full(21, prices[-1])  # twenty returns of 0, and the one window of nothing else
    assert volatility(np.append(prices, still[:-1])) == 0
    assert volatility(np.append(prices, still)) == 50 / 600  # there are two such windows now


def test_a_leap_is_as_far_as_momentum_goes() -> None:
    level = walk(600, step=0.0001)
    assert momentum(np.append(level, level[-1] * 2)) == 100
    assert momentum(np.append(level, level[-1] / 2)) == -100


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(1e-6, 0.3), st.floats(1e-3, 1e3))
def test_both_keep_their_bounds_and_do_not_mind_the_unit_of_price(
    seed: int, step: float, unit: float
) -> None:
    closes = walk(520, seed, step)
    wild, move = volatility(closes), momentum(closes)
    assert wild is not None
    assert move is not None
    assert 0 <= wild <= 100
    assert -100 <= move <= 100
    assert momentum(closes * unit) == pytest.approx(move, abs=1e-3)


@pytest.mark.parametrize("bad", [0.0, -1.0, math.nan, math.inf])
def test_a_close_that_cannot_be_is_refused(bad: float) -> None:
    with pytest.raises(ValueError, match="every close must be a positive number"):
        volatility(np.append(walk(), bad))


def test_a_year_of_days_is_too_short_to_know() -> None:
    assert most_candles(Timeframe.H1) == 8_760
    assert most_candles(Timeframe.D1) < LEAST_CANDLES < most_candles(Timeframe.H12)


@pytest.mark.parametrize("candles", [499, 500, 501, 730, 731, 1_400])
def test_volatilities_of_a_history_are_those_of_asking_at_each_close(candles: int) -> None:
    random = np.random.default_rng(3)
    closes = 100 * np.exp(np.cumsum(random.normal(0, 0.01, 1_400).round(2)))  # with equal ones
    times = np.arange(len(closes), dtype=np.int64) * 43_200
    history = CandleSeries("BTC-USD", Timeframe.H12, times, *[closes] * 5)
    window = closes[max(0, candles - most_candles(Timeframe.H12)) : candles]

    assert Volatilities.of(history).after(candles) == volatility(window)
