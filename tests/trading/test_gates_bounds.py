"""Of several limits the strictest; and where they leave nothing to trade with."""

from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trading.gates.bounds import (
    MINIMUMS,
    NAMES,
    NO_BOUNDS,
    Bounds,
    Source,
    bounds_kept,
    bounds_of,
    in_force,
    strictest,
)
from trading.gates.dead_zones import is_deadlocked, needed, reach_of, tradable_range
from trading.gates.sources import PLATFORM_DEFAULTS, hard_controls, of_plan, of_tier
from trading.gates.values import Limits
from trading.plans import PLAN_LIMITS, PlatformPlan
from trading.sizing import SizingPolicy
from trading.tiers import TIER_LIMITS, CapitalTier, tier_of

AMOUNTS = st.decimals("0.01", 10_000, places=2)
SHARES = st.decimals("0.01", 1, places=2)


def test_the_strictest_is_the_lowest_most_and_the_highest_least() -> None:
    loose = bounds_of(Source.PLAN, most_notional=500, least_notional=1)
    strict = bounds_of(Source.TIER, most_notional=75, least_notional=20)

    for both in (strictest(loose, strict), strictest(strict, loose)):
        assert in_force(both) == {"least_notional": ("20", "tier"), "most_notional": ("75", "tier")}


def test_of_two_equal_bounds_the_first_source_is_named() -> None:
    both = strictest(hard_controls(), of_tier(CapitalTier.INVESTOR))

    assert in_force(both)["drawdown"] == ("0.2", "hard")


@given(values=st.lists(AMOUNTS, min_size=1, max_size=5), name=st.sampled_from(NAMES))
def test_no_source_is_ever_widened_by_another(values: list[Decimal], name: str) -> None:
    bound = getattr(strictest(*(bounds_of(Source.USER, **{name: v}) for v in values)), name)

    assert bound.value == (max(values) if name in MINIMUMS else min(values))


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-0.01"])
def test_a_bound_that_bounds_nothing_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="most_notional must be 0 or more"):
        bounds_of(Source.USER, most_notional=Decimal(value))


def test_what_is_kept_of_bounds_makes_them_again() -> None:
    bounds = strictest(hard_controls(), PLATFORM_DEFAULTS, of_tier(CapitalTier.SAVER))
    assert bounds_kept(in_force(bounds)) == bounds
    assert bounds_kept({}) is NO_BOUNDS
    for wrong in (
        {"speed": ("1", "hard")}, {"drawdown": ("1", "nobody")}, {"drawdown": ("x", "hard")},
        {"drawdown": ("-1", "hard")}, {"drawdown": ("NaN", "hard")}, {"drawdown": ("1",)},
    ):  # fmt: skip
        with pytest.raises(ValueError):  # noqa: PT011 - each says it in other words
            bounds_kept(wrong)


def test_what_a_source_leaves_open_is_left_to_the_others() -> None:
    assert bounds_of(Source.USER, most_notional=None) == NO_BOUNDS


@pytest.mark.parametrize(
    ("plan", "trades"),
    [
        (PlatformPlan.FREE, "10"), (PlatformPlan.BASIC, "30"), (PlatformPlan.PRO, "100"),
        (PlatformPlan.ENTERPRISE, "500"), (None, "100"),
    ],
)  # fmt: skip
def test_the_trades_of_a_day_are_those_of_the_plan_within_the_setting(
    plan: PlatformPlan | None, trades: str
) -> None:
    of_its_plan = NO_BOUNDS if plan is None else of_plan(plan, is_live=True)

    assert in_force(strictest(hard_controls(plan), of_its_plan))["trades_a_day"][0] == trades
    fewer = strictest(
        hard_controls(PlatformPlan.PRO, trades_a_day=50), of_plan(PlatformPlan.PRO, is_live=True)
    )
    assert in_force(fewer)["trades_a_day"] == ("50", "hard")


@pytest.mark.parametrize("tier", CapitalTier)
def test_the_drawdown_is_that_of_the_tier_or_the_hard_one_below_it(tier: CapitalTier) -> None:
    bound = strictest(hard_controls(), of_tier(tier)).drawdown

    assert bound is not None
    assert bound.value == min(TIER_LIMITS[tier].drawdown, Decimal("0.20"))


@pytest.mark.parametrize("plan", PlatformPlan)
def test_the_money_of_a_plan_binds_live_orders_only(plan: PlatformPlan) -> None:
    paper, live = of_plan(plan, is_live=False), of_plan(plan, is_live=True)

    assert paper.most_notional is None
    assert paper.positions == live.positions
    assert (live.most_notional is not None) is PLAN_LIMITS[plan].allows_live


def test_larger_plans_allow_no_less() -> None:
    assert all(
        small <= large for small, large in pairwise(PLAN_LIMITS[plan] for plan in PlatformPlan)
    )


# By a tier's own limits, and with the hard controls.
DEAD_ZONES = [
    (CapitalTier.MICRO, "1.34 or more", "10 to 2500"),
    (CapitalTier.STARTER, "66.67 or more", "100 to 1250"),
    (CapitalTier.SAVER, "100 or more", "100 to 2000"),
    (CapitalTier.INVESTOR, "285.72 or more", "285.72 to 3750"),
    (CapitalTier.INCOME, "600 or more", "600 to 7500"),
    (CapitalTier.LIVABLE, "1250 or more", "1250 to 25000"),
    (CapitalTier.BALLER, "3333.34 or more", "3333.34 to 250000"),
]


@pytest.mark.parametrize(("tier", "alone", "with_hard"), DEAD_ZONES)
def test_with_which_capital_a_tier_can_trade(tier: CapitalTier, alone: str, with_hard: str) -> None:
    assert needed(of_tier(tier)) == alone
    assert needed(strictest(of_tier(tier), hard_controls())) == with_hard


def test_a_tier_is_locked_a_cent_below_what_it_needs_and_above_what_it_bears() -> None:
    bounds = strictest(of_tier(CapitalTier.INVESTOR), hard_controls())

    assert is_deadlocked(bounds, Decimal("285.71"))
    assert not is_deadlocked(bounds, Decimal("285.72"))
    assert not is_deadlocked(bounds, Decimal(3_750))
    assert is_deadlocked(bounds, Decimal("3750.01"))


def by_equity(**own: int) -> Bounds:
    """Of somebody whose equity decides on the tier, here an INVESTOR."""
    others = strictest(hard_controls(), bounds_of(Source.USER, **own))
    tiered = strictest(others, of_tier(CapitalTier.INVESTOR))
    return replace(tiered, untiered=others)


@pytest.mark.parametrize(
    ("own", "expected"),
    [
        ({}, "10 to 49.99 or 100 to 249.99 or 285.72 to 250000"),
        ({"most_notional": 99}, "10 to 49.99 or 100 to 249.99 or 285.72 to 4950"),
        ({"most_notional": 12}, "10 to 49.99 or 100 to 249.99"),
        ({"least_notional": 10_001}, "none"),
    ],
)
def test_where_the_equity_decides_on_the_tier_each_tier_has_its_band(
    own: dict[str, int], expected: str
) -> None:
    assert needed(by_equity(**own)) == expected


@pytest.mark.parametrize(
    ("least", "most"), [("10", "49.99"), ("100", "249.99"), ("285.72", "250000")]
)
def test_the_capital_that_is_named_is_enough_and_a_cent_beside_it_is_not(
    least: str, most: str
) -> None:
    cent = Decimal("0.01")
    for capital, is_locked in (
        (Decimal(least), False), (Decimal(most), False),
        (Decimal(least) - cent, True), (Decimal(most) + cent, True),
    ):  # fmt: skip
        bounds = strictest(hard_controls(), of_tier(tier_of(capital)))
        assert is_deadlocked(bounds, capital) is is_locked


def test_a_least_above_the_most_can_never_be_traded() -> None:
    user = bounds_of(Source.USER, most_notional=5)

    assert needed(strictest(of_tier(CapitalTier.SAVER), user)) == "none"
    assert needed(bounds_of(Source.USER, most_share=0)) == "none"
    assert needed(NO_BOUNDS) == "0 or more"


@given(least=AMOUNTS, most=AMOUNTS, low=SHARES, high=SHARES, capital=AMOUNTS)
def test_the_range_is_where_nothing_is_locked(
    least: Decimal, most: Decimal, low: Decimal, high: Decimal, capital: Decimal
) -> None:
    bounds: Bounds = bounds_of(
        Source.USER, least_notional=least, most_notional=most, least_share=low, most_share=high
    )
    found = tradable_range(bounds)
    is_inside = found.least <= capital and (found.most is None or capital <= found.most)

    assert is_deadlocked(bounds, capital) is (found.is_empty or not is_inside)


@pytest.mark.parametrize(
    ("equity", "capital", "is_out", "widest"),
    [
        ("100000", "1000", True, "0.005"),  # 2 % of the account is more than all that it may use
        ("50000", "1000", False, "0.01"),
        ("20000", "1000", False, "0.025"),
        ("20000", "40000", False, None),  # 1 % of it is enough without any stop
    ],
)
def test_what_a_subscription_can_order_beside_the_least_that_is_allowed(
    equity: str, capital: str, is_out: bool, widest: str | None
) -> None:
    limits = Limits(
        Decimal(capital), Decimal("0.01"), Decimal(1), 1, Decimal(1), 0, bounds=hard_controls()
    )
    found = reach_of(limits, Decimal(equity))

    assert found.least == Decimal(equity) / 50
    assert (found.most, found.is_out) == (Decimal(capital), is_out)
    assert found.widest_stop == (None if widest is None else Decimal(widest))
    by_fraction = reach_of(replace(limits, sizing=SizingPolicy.FRACTION), Decimal(equity))
    assert by_fraction == found._replace(widest_stop=None)
