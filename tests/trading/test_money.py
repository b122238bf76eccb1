from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from trading.money import AMOUNT_STEP, ceil_to, cost_up, floor_to, proceeds_down

VALUES = st.integers(-(10**27), 10**27).map(lambda units: Decimal(units).scaleb(-18))
STEPS = st.sampled_from([Decimal(text) for text in ("1e-8", "0.01", "0.03", "0.25", "1", "7")])
AMOUNTS = st.integers(-(10**20), 10**20).map(lambda units: Decimal(units).scaleb(-12))


@given(value=VALUES, step=STEPS)
def test_the_floor_is_the_largest_multiple_that_is_not_above(value: Decimal, step: Decimal) -> None:
    floor = floor_to(value, step)

    assert floor % step == 0
    assert floor <= value < floor + step


@given(value=VALUES, step=STEPS)
def test_the_ceiling_is_the_smallest_multiple_that_is_not_below(
    value: Decimal, step: Decimal
) -> None:
    ceiling = ceil_to(value, step)

    assert ceiling % step == 0
    assert ceiling - step < value <= ceiling


def test_a_hair_below_a_multiple_is_not_rounded_onto_it_by_the_division() -> None:
    hair_below = Decimal("0.8999999999999999999999999999")

    assert floor_to(hair_below, Decimal("0.3")) == Decimal("0.6")
    assert ceil_to(Decimal("0.9000000000000000000000000001"), Decimal("0.3")) == Decimal("1.2")


@given(amount=AMOUNTS)
def test_a_cost_is_never_rounded_in_our_favour(amount: Decimal) -> None:
    assert amount <= cost_up(amount) < amount + AMOUNT_STEP


def test_a_rebate_is_rounded_down_too() -> None:
    assert cost_up(Decimal("-0.000000015")) == Decimal("-0.00000001")


@given(amount=AMOUNTS.map(abs))
def test_proceeds_are_never_rounded_in_our_favour(amount: Decimal) -> None:
    assert amount - AMOUNT_STEP < proceeds_down(amount) <= amount
