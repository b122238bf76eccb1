"""The strategies for each kind of market, on closes that can be worked out by hand."""

from collections.abc import Sequence
from decimal import Decimal

import pytest

from tests.trading.examples import series
from trading.signals import Action, ExitPlan, OffsetType, Signal, Trail
from trading.strategies import REGISTRY, ParametersNotUsable
from trading.strategies.crossing import crosses_above, crosses_below

LONG = [Action.EXIT_SHORT, Action.ENTER_LONG]
SHORT = [Action.EXIT_LONG, Action.ENTER_SHORT]
OUT_LONG, OUT_SHORT = [Action.EXIT_LONG], [Action.EXIT_SHORT]


def said(code: str, closes: Sequence[float], **parameters: object) -> list[Signal]:
    strategy = REGISTRY[code]
    parsed = strategy.parse(parameters)
    assert len(closes) >= strategy.warmup(parsed)
    return list(strategy.decide(series(closes), parsed))


def actions(signals: list[Signal]) -> list[Action]:
    return [signal.action for signal in signals]


@pytest.mark.parametrize(
    ("before", "now", "above", "below"),
    [
        (99, 101, True, False), (100, 101, True, False), (101, 102, False, False),
        (99, 100, False, False), (101, 99, False, True), (100, 99, False, True),
        (100, 100 + 1e-11, False, False), (99, 98, False, False),
    ],
)  # fmt: skip
def test_a_cross_begins_on_the_other_side_or_at_the_level(
    before: float, now: float, *, above: bool, below: bool
) -> None:
    assert crosses_above(before, now, 100) is above
    assert crosses_below(before, now, 100) is below


def test_a_level_may_move_too() -> None:
    assert crosses_above(100, 100, 101, 99)
    assert not crosses_above(100, 102, 99, 101)


# Momentum scalping: bursts of two candles of more than 1 %.


@pytest.mark.parametrize(
    ("closes", "expected"),
    [
        ((100, 100, 100, 101.01), LONG),
        ((100, 100, 100, 101), OUT_SHORT),  # just at it: no burst, but up
        ((100, 100, 101.5, 102), []),  # a burst already at the candle before
        ((100, 100, 100, 98.99), SHORT),
        ((100, 100, 100, 99), OUT_LONG),
        ((100, 100, 100.5, 99.9), OUT_LONG),  # up before, down now
        ((100, 100, 99.5, 100.1), OUT_SHORT),
        ((100, 100, 100.5, 100.6), []),
    ],
)
def test_a_scalp_goes_with_a_burst_until_it_is_spent(
    closes: Sequence[float], expected: list[Action]
) -> None:
    assert actions(said("momentum_scalping", closes, momentum=2, burst=0.01)) == expected


def test_a_scalp_has_a_near_stop_and_a_near_target() -> None:
    entry = said(
        "momentum_scalping", (100, 100, 102), momentum=1, stop_loss=0.01, take_profit=0.02
    )[-1]

    assert entry.exit_plan == ExitPlan(Decimal("100.98"), Decimal("104.04"))


# Trend riding: averages of two and three candles, and the ADX of two.

RIDE = {"fast": 2, "slow": 3, "adx_length": 2, "trail": 0.02}
# Back and forth so that nothing has a direction, long enough for the averages to have settled.
IDLE = [100.0, 101.0] * 8


def test_a_strong_trend_is_ridden_with_a_stop_that_follows() -> None:
    out, entry = said("trend_riding", [*IDLE, 103, 106], min_adx=60, **RIDE)

    assert [out.action, entry.action] == LONG
    assert entry.exit_plan == ExitPlan(
        Decimal("103.88"), trail=Trail(Decimal(200), OffsetType.BASIS_POINTS)
    )


def test_a_trend_down_is_ridden_short() -> None:
    assert actions(said("trend_riding", [*IDLE, 98, 95], min_adx=60, **RIDE)) == SHORT


def test_averages_that_turn_without_strength_only_leave() -> None:
    # They turn at 98; the ADX of two candles is not yet at 80.
    assert actions(said("trend_riding", [*IDLE, 100.6, 98], min_adx=80, **RIDE)) == OUT_LONG


def test_who_rides_is_not_told_twice() -> None:
    assert said("trend_riding", [*IDLE, 103, 106, 109], min_adx=60, **RIDE) == []


def test_the_averages_of_a_ride_differ() -> None:
    with pytest.raises(ParametersNotUsable, match=r"fast \(50\) must be less"):
        REGISTRY["trend_riding"].parse({"fast": 50})


# Volatility capture: the usual move of three candles is 1.

USUAL = [100, 101, 100, 101, 100]


@pytest.mark.parametrize(
    ("last", "expected"),
    [(102.01, LONG), (102, []), (97.99, SHORT), (98, []), (100, [])],
)
def test_a_move_of_more_than_twice_the_usual_is_gone_with(
    last: float, expected: list[Action]
) -> None:
    signals = said("volatility_capture", [*USUAL, last], atr_length=3, expansion=2)

    assert actions(signals) == expected


def test_its_stop_and_target_are_measured_in_usual_moves() -> None:
    entry = said("volatility_capture", [*USUAL, 125], atr_length=3, stop=2, target=5)[-1]

    assert entry.exit_plan == ExitPlan(Decimal(123), Decimal(130))


def test_where_the_stop_would_be_no_price_nothing_is_entered() -> None:
    signals = said("volatility_capture", [1, 9, 1, 9, 1, 20], atr_length=3, stop=20)

    assert actions(signals) == OUT_SHORT


# Momentum swing: a rise of 10 % in three candles, above the average of two.

SWING = {"momentum": 3, "rise": 0.1, "average": 2, "stop_loss": 0.05}


@pytest.mark.parametrize(
    ("closes", "expected"),
    [
        ((100, 100, 100, 104, 110.1), [Action.ENTER_LONG]),
        ((100, 100, 100, 104, 110), []),  # just 10 %
        ((100, 100, 100, 111, 112), []),  # risen already
        ((100, 90, 115, 112, 110), []),  # risen, and below its average since the candle before
        ((100, 100, 110, 112, 108), OUT_LONG),
        ((100, 100, 110, 112, 112), []),
        ((100, 100, 100, 96, 89), []),  # nothing is sold short; it was below before
    ],
)
def test_a_swing_is_bought_when_it_has_risen_and_left_below_its_average(
    closes: Sequence[float], expected: list[Action]
) -> None:
    assert actions(said("momentum_swing", closes, **SWING)) == expected


def test_a_swing_has_a_stop_and_no_target() -> None:
    (entry,) = said("momentum_swing", (100, 100, 100, 104, 120), **SWING)

    assert entry.exit_plan == ExitPlan(Decimal(114))


# Mean reversion: four candles, far at 1.5 deviations. Of (a, a, a, b) b lies at 1.732.

REVERT = {"length": 4, "deviations": 1.5, "stop_loss": 0.02}


@pytest.mark.parametrize(
    ("closes", "expected"),
    [
        ((100, 101, 100, 101, 95), LONG),
        ((100, 101, 100, 101, 106), SHORT),
        ((100, 100, 101, 100, 102), SHORT),  # at 1.507 deviations
        ((100, 100, 101, 100, 101.9), OUT_LONG),  # at 1.484: over the average, but not far
        ((100, 99, 98, 97, 99), OUT_LONG),  # back over 98.25
        ((100, 101, 102, 103, 101), OUT_SHORT),
        ((100, 100, 100, 100, 95), []),  # nothing deviated before: not known whether it was far
        ((100, 100, 100, 100, 100), []),
    ],
)
def test_what_lies_far_from_its_average_is_expected_back(
    closes: Sequence[float], expected: list[Action]
) -> None:
    assert actions(said("mean_reversion", closes, **REVERT)) == expected


def test_a_reversion_has_a_stop_and_is_left_at_the_average() -> None:
    entry = said("mean_reversion", (100, 101, 100, 101, 95), **REVERT)[-1]

    assert entry.exit_plan == ExitPlan(Decimal("93.1"))


# ETF rotation: risen in two candles, and above the average of four.

ROTATE = {"momentum": 2, "average": 4, "stop_loss": 0.1}


@pytest.mark.parametrize(
    ("closes", "expected"),
    [
        ((100, 100, 100, 100, 101), [Action.ENTER_LONG]),
        ((100, 100, 100, 101, 102), []),  # held already
        ((110, 104, 98, 99, 99), []),  # risen, but below 100
        ((100, 100, 100, 102, 99), OUT_LONG),
        ((100, 102, 102.5, 103.5, 102.6), OUT_LONG),  # risen, but below 102.65
        ((100, 100, 100, 101, 100), OUT_LONG),  # where it was, but below 100.25
        ((100, 100, 100, 99, 98), []),  # weak already
        ((100, 100, 100, 100, 100), []),  # neither
    ],
)
def test_a_fund_is_held_while_it_has_risen_and_lies_above_its_average(
    closes: Sequence[float], expected: list[Action]
) -> None:
    assert actions(said("etf_rotation", closes, **ROTATE)) == expected


@pytest.mark.parametrize(("stop", "plan"), [(0.1, ExitPlan(Decimal("90.9"))), (0, ExitPlan())])
def test_a_fund_may_have_a_stop(stop: float, plan: ExitPlan) -> None:
    (entry,) = said("etf_rotation", (100, 100, 100, 100, 101), **{**ROTATE, "stop_loss": stop})

    assert entry.exit_plan == plan
