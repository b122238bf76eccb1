"""What APEX sizes by, where it stops, and its ranges, on numbers worked out by hand."""

from decimal import Decimal

import pytest

from tests.trading.readings import candles
from trading.signals import ExitPlan
from trading.strategies import ParametersNotUsable
from trading.strategies.apex import exits, sizes
from trading.strategies.apex.adaptive import ADJUSTMENTS, Regime, narrowed, regime_of
from trading.strategies.apex.bands import Band, Bands, check_apart

LEAST, MOST = Decimal("0.02"), Decimal("0.10")


# Size


@pytest.mark.parametrize(
    ("adx", "score", "of_1000"),
    [
        (19.9, 5, 0), (20, 3, 20), (22, 3, 20), (25, 4, 40), (25, 3, 36), (27, 3, 36), (30, 3, 54),
        (40, 4, 80), (49.9, 3, 72), (50, 5, 100), (55, 5, 100), (50, 2, 80),
    ],
)  # fmt: skip
def test_v71_is_sized_by_the_trend_and_a_little_by_the_score(
    adx: float, score: int, of_1000: int
) -> None:
    assert sizes.by_adx(adx, score, least=LEAST, most=MOST) * 1000 == of_1000


def test_v71_is_never_larger_than_its_largest() -> None:
    assert sizes.by_adx(50, 5, least=LEAST, most=Decimal("0.07")) == Decimal("0.07")


@pytest.mark.parametrize(
    ("score", "exposure", "of_10000"),
    [
        (2, "0", 0), (3, "0", 300), (4, "0", 400), (5, "0", 500), (6, "0", 500),
        (5, "0.78", 200), (5, "0.7801", 0), (5, "0.80", 0), (5, "0.9", 0),
    ],
)  # fmt: skip
def test_v72_is_sized_by_the_score_within_what_the_exposure_leaves(
    score: int, exposure: str, of_10000: int
) -> None:
    assert sizes.by_score(score, exposure=Decimal(exposure)) * 10_000 == of_10000


# Stop and targets


def test_the_stop_of_v71_lies_half_an_atr_behind_the_last_ten_candles() -> None:
    rows = [(90.0, 110.0, 90.0, 100.0), *[(100.0, 103.0, 97.0, 100.0)] * 10]

    assert exits.swing_stop(candles(rows), 2, 1) == 96
    assert exits.swing_stop(candles(rows), 2, -1) == 104
    assert exits.swing_stop(candles([*rows, (97.0, 98.0, 95.0, 97.0)]), 2, 1) == 94


def test_the_targets_of_v71_are_one_two_and_three_times_the_risk() -> None:
    assert exits.targets(100, 96) == (104, 108, 112)
    assert exits.targets(100, 104) == (96, 92, 88)


def test_the_stop_of_v72_lies_one_and_a_half_atr_away() -> None:
    assert exits.atr_stop(100, 2, 1) == 97
    assert exits.atr_stop(100, 2, -1) == 103


@pytest.mark.parametrize(
    ("stop", "expected"), [(100, False), (99.5, True), (99.51, False), (100.5, True), (-1, False)]
)
def test_what_is_risked_must_be_worth_the_fees(stop: float, *, expected: bool) -> None:
    assert exits.is_worth_it(100, stop, fees=0.0025, multiple=2) is expected


def test_without_fees_something_must_be_risked_still() -> None:
    assert not exits.is_worth_it(100, 100, fees=0, multiple=1)


def test_a_plan_has_prices_without_the_rounding_of_floats() -> None:
    ladder = exits.by_risk(1.1 * 3, 0.1 + 0.2, 0)
    assert exits.plan(0.1 + 0.2, ladder) == ExitPlan(Decimal("0.3"), ladder=ladder)
    assert [rung.offset for rung in ladder.rungs] == [3, 6, 9]
    assert ladder.trail is None  # the market has not moved: there is no distance to follow at


# By the state of the market


@pytest.mark.parametrize(
    ("adx", "atr", "expected"),
    [
        (25, 9, Regime.TRENDING), (24.9, 1, Regime.VOLATILE), (20, 1, Regime.VOLATILE),
        (19.9, 2.9, Regime.RANGING), (19.9, 3, Regime.VOLATILE),
    ],
)  # fmt: skip
def test_three_states_of_the_market(adx: float, atr: float, expected: Regime) -> None:
    assert regime_of(adx, atr, 100) is expected


OLD = Bands(Band(25, 45), Band(55, 75))


@pytest.mark.parametrize(
    ("adx", "long_high", "short_low"), [(29.9, 45, 55), (30, 44, 56), (34.9, 44, 56), (35, 43, 57)]
)
def test_a_strong_trend_narrows_its_ranges(adx: float, long_high: float, short_low: float) -> None:
    expected = Bands(Band(25, long_high), Band(short_low, 75))

    assert narrowed(OLD, Regime.TRENDING, adx) == expected
    assert narrowed(OLD, Regime.RANGING, adx) == OLD


def test_no_range_is_made_narrower_than_five_points() -> None:
    tight = Bands(Band(50, 55), Band(60, 66))

    assert narrowed(tight, Regime.TRENDING, 35) == Bands(Band(50, 55), Band(61, 66))
    slim = Bands(Band(50, 52), Band(60, 62))
    assert narrowed(slim, Regime.TRENDING, 35) == slim


def test_each_state_asks_for_its_score_size_and_target() -> None:
    assert [
        (each.min_score, each.size, each.target)
        for each in (ADJUSTMENTS[regime] for regime in Regime)
    ] == [(3, Decimal("1.2"), 1.5), (4, Decimal("0.8"), 0.8), (4, Decimal("0.7"), 1.0)]


@pytest.mark.parametrize(
    ("long", "short", "why"),
    [
        ((50, 70), (45, 70), "points apart"),
        ((25, 51), (55, 75), "points apart"),
        ((45, 45), (55, 75), "long .* empty"),
        ((25, 45), (75, 55), "short .* empty"),
    ],
)
def test_ranges_that_overlap_or_are_empty_are_refused(
    long: tuple[float, float], short: tuple[float, float], why: str
) -> None:
    with pytest.raises(ParametersNotUsable, match=why):
        check_apart("fixed", Bands(Band(*long), Band(*short)))


@pytest.mark.parametrize(("strength", "expected"), [(30, False), (30.1, True), (70, False)])
def test_the_ends_of_a_range_belong_to_it_or_do_not(strength: float, *, expected: bool) -> None:
    assert Band(30, 70, has_ends=False).holds(strength) is expected
    assert Band(30, 70).holds(strength)
