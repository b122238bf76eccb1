"""What every strategy of the registry promises, whatever its idea."""

import hashlib
import inspect
import math
import re
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.trading.examples import series, until
from tests.trading.strategy_parameters import OF_LENGTH, SMALL
from trading.candles import CandleSeries
from trading.signal_checks import checked
from trading.signals import Signal
from trading.strategies import REGISTRY, ParametersNotUsable, Strategy

EACH = pytest.mark.parametrize("strategy", REGISTRY.values(), ids=REGISTRY)
SMA, DONCHIAN = REGISTRY["sma_crossover"], REGISTRY["donchian_breakout"]


@st.composite
def markets(draw: st.DrawFn, least: int = 1) -> CandleSeries:
    """Candles around 100, in steps of a cent: few enough prices for equal averages to happen."""
    cents = draw(st.lists(st.integers(9_995, 10_005), min_size=least, max_size=least + 7))
    shadow = draw(st.integers(0, 3))
    return series(
        [close / 100 for close in cents],
        highs=[(close + shadow) / 100 for close in cents],
        lows=[(close - shadow) / 100 for close in cents],
    )


def long_enough(strategy: Strategy) -> st.SearchStrategy[CandleSeries]:
    """For the first answer and, mostly, a few more."""
    return markets(least=strategy.warmup(small(strategy)))


def small(strategy: Strategy) -> Any:
    """Parameters with a short memory."""
    return strategy.parse(SMALL[strategy.code])


def said_at_every_close(strategy: Strategy, candles: CandleSeries) -> list[Sequence[Signal]]:
    parameters = small(strategy)
    first = strategy.warmup(parameters)
    return [
        strategy.decide(until(candles, count), parameters)
        for count in range(first, len(candles) + 1)
    ]


# Memory and foresight


@EACH
@given(data=st.data())
def test_what_a_strategy_says_depends_on_nothing_older_than_its_warmup(
    strategy: Strategy, data: st.DataObject
) -> None:
    parameters, candles = small(strategy), data.draw(long_enough(strategy))
    needed = candles.last(strategy.warmup(parameters))

    assert strategy.decide(candles, parameters) == strategy.decide(needed, parameters)


@pytest.mark.parametrize(
    ("strategy", "decisive", "irrelevant"),
    [
        # The oldest of the slow average before decides whether the fast one was above already.
        (SMA, [104, 100, 100, 100, 101, 101], [96, 100, 100, 100, 101, 101]),
        # The oldest of the channel before decides whether the break is the first.
        (DONCHIAN, [104, 100, 100, 100, 103, 105], [100, 100, 100, 100, 103, 105]),
    ],
)
def test_the_oldest_candle_of_the_warmup_is_needed(
    strategy: Strategy, decisive: list[float], irrelevant: list[float]
) -> None:
    parameters = small(strategy)
    assert len(decisive) == strategy.warmup(parameters)

    assert strategy.decide(series(decisive), parameters)
    assert not strategy.decide(series(irrelevant), parameters)


@EACH
@given(data=st.data(), later=markets())
def test_what_was_said_does_not_change_when_later_candles_are_known(
    strategy: Strategy, data: st.DataObject, later: CandleSeries
) -> None:
    candles = data.draw(long_enough(strategy))
    both = series(
        [*candles.close, *later.close],
        highs=[*candles.high, *later.high],
        lows=[*candles.low, *later.low],
    )

    before = said_at_every_close(strategy, candles)

    assert said_at_every_close(strategy, both)[: len(before)] == before


@EACH
@given(data=st.data())
def test_every_signal_is_usable_and_about_the_last_close(
    strategy: Strategy, data: st.DataObject
) -> None:
    candles = data.draw(long_enough(strategy))
    for signal in strategy.decide(candles, small(strategy)):
        assert checked(signal).symbol == candles.symbol
        assert float(signal.reference_price) == candles.close[-1]


@EACH
@given(
    price=st.floats(0.01, 1e6),
    before=st.floats(0.01, 1e6),
    length=st.integers(3, 60),
)
def test_a_market_that_has_come_to_rest_gives_no_signal(
    strategy: Strategy, price: float, before: float, length: int
) -> None:
    parameters = strategy.parse(OF_LENGTH[strategy.code](length))
    at_rest = [before, before, *[price] * max(length, strategy.warmup(parameters) - 1)]

    assert strategy.decide(series(at_rest), parameters) == ()


# Parameters


@EACH
def test_a_strategy_is_registered_by_its_code_and_says_what_it_does(strategy: Strategy) -> None:
    assert REGISTRY[strategy.code] is strategy
    assert strategy.title
    assert strategy.idea.endswith(".")


@EACH
def test_the_defaults_are_usable_and_lie_in_their_own_ranges(strategy: Strategy) -> None:
    defaults = strategy.parse({})

    given_again = {item.name: getattr(defaults, item.name) for item in fields(defaults)}
    assert strategy.parse(given_again) == defaults
    assert strategy.warmup(defaults) >= 1


def test_the_sample_strategy_has_the_defaults_that_were_agreed() -> None:
    assert SMA.parse({}) == SMA.parse(
        {"fast": 20, "slow": 50, "stop_loss": 0.02, "take_profit": 0.04}
    )
    assert SMA.warmup(SMA.parse({})) == 51


@EACH
def test_every_parameter_says_what_it_is_about(strategy: Strategy) -> None:
    assert all(item.metadata["about"] for item in fields(strategy.parameters))


def test_a_parameter_that_nobody_declared_is_refused() -> None:
    with pytest.raises(ParametersNotUsable, match="sma_crossover has no parameter 'fats'"):
        SMA.parse({"fats": 20})


@pytest.mark.parametrize("value", [True, "20", None, [20]])
def test_a_parameter_that_is_no_number_is_refused(value: object) -> None:
    with pytest.raises(ParametersNotUsable, match=r"fast must be a number, not"):
        SMA.parse({"fast": value})


@pytest.mark.parametrize("value", [20.5, 2.0000001])
def test_a_fraction_of_a_candle_is_refused(value: float) -> None:
    with pytest.raises(ParametersNotUsable, match="fast must be a whole number"):
        SMA.parse({"fast": value})


@pytest.mark.parametrize("value", [1, 501, math.nan, math.inf, -math.inf, 10**400, 1.5])
def test_a_count_outside_its_range_is_refused(value: float) -> None:
    with pytest.raises(ParametersNotUsable, match="fast must lie between 2 and 500"):
        SMA.parse({"fast": value})


@pytest.mark.parametrize("value", [-0.01, 0.51, math.nan, math.inf, 10**400])
def test_a_fraction_outside_its_range_is_refused(value: float) -> None:
    with pytest.raises(ParametersNotUsable, match=r"stop_loss must lie between 0 and 0\.5"):
        SMA.parse({"stop_loss": value})


@pytest.mark.parametrize("value", [2, 500])
def test_the_ends_of_a_range_belong_to_it(value: int) -> None:
    assert SMA.parse({"fast": value, "slow": 1000}).fast == value


def test_numbers_get_the_type_that_was_declared() -> None:
    parameters = SMA.parse({"fast": 20.0, "stop_loss": 0})

    assert type(parameters.fast) is int
    assert type(parameters.stop_loss) is float


@pytest.mark.parametrize("fast", [50, 51])
def test_the_fast_average_must_be_shorter_than_the_slow_one(fast: int) -> None:
    expected = re.escape(f"fast ({fast}) must be less than slow (50)")
    with pytest.raises(ParametersNotUsable, match=expected):
        SMA.parse({"fast": fast})


def test_the_exit_channel_must_not_be_longer_than_the_channel() -> None:
    with pytest.raises(ParametersNotUsable, match=r"exit_channel \(21\) must not be longer"):
        DONCHIAN.parse({"exit_channel": 21})
    assert DONCHIAN.parse({"exit_channel": 20}).exit_channel == 20


# What a version was when it was approved


@EACH
def test_the_content_hash_is_that_of_the_source_and_stays_the_same(strategy: Strategy) -> None:
    sources = [Path(inspect.getfile(strategy.decide))]
    if strategy.package is not None:
        sources += sorted(Path(strategy.package.__path__[0]).glob("*.py"))
    source = b"".join(path.read_bytes() for path in sources)

    assert strategy.content_hash() == hashlib.sha256(source).hexdigest()
    assert strategy.content_hash() == strategy.content_hash()


def test_no_two_strategies_have_the_same_content_hash() -> None:
    assert len({strategy.content_hash() for strategy in REGISTRY.values()}) == len(REGISTRY)
