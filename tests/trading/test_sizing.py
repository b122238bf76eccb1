"""What is bought never loses more at its stop, nor needs more, than was allowed."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.trading.examples import BTC, FREE_OF_FEES
from trading.instruments import InstrumentRules
from trading.signals import Direction
from trading.sizing import (
    Cap,
    CapCode,
    Size,
    clip,
    cost_per_unit,
    fraction_quantity,
    risk_quantity,
    to_reserve,
)

CAPITAL, TWO_PERCENT = Decimal(10_000), Decimal("0.02")
ENTRY = Decimal(100)
WHOLE_UNITS = replace(BTC, quantity_increment=Decimal(1))


def decimals(least: int, most: int, places: int) -> st.SearchStrategy[Decimal]:
    return st.integers(least, most).map(lambda units: Decimal(units).scaleb(-places))


CAPITALS = decimals(1, 10**9, 2)
FRACTIONS = decimals(1, 1_000, 4)
PRICES = decimals(1, 10**10, 4)
STEPS = st.sampled_from([Decimal(text) for text in ("1e-8", "0.001", "0.03", "1", "5")])
AMOUNTS = decimals(-(10**6), 10**12, 6)
CAPS = st.lists(st.builds(Cap, st.sampled_from(CapCode), AMOUNTS), max_size=3)


def sized(stop: str, leverage: int) -> Size:
    """10,000 at 2 % risk, bought at 100, under capital times leverage."""
    wanted = risk_quantity(CAPITAL, TWO_PERCENT, ENTRY, Decimal(stop))
    most = Cap(CapCode.CAPITAL_TIMES_LEVERAGE, CAPITAL * leverage / ENTRY)
    return clip(wanted, [most], WHOLE_UNITS)


@pytest.mark.parametrize("leverage", [1, 2, 10])
def test_leverage_leaves_the_loss_at_the_stop_alone(leverage: int) -> None:
    assert sized("98", leverage).quantity == 100


def test_a_near_stop_is_capped_by_capital_times_leverage_and_says_so() -> None:
    size = sized("99.9", 10)

    assert size == Size(Decimal(1_000), Decimal(2_000), CapCode.CAPITAL_TIMES_LEVERAGE)


def test_a_policy_that_stands_names_no_cap() -> None:
    assert sized("98", 10) == Size(Decimal(100), Decimal(100), None)


def test_a_stop_above_a_short_entry_counts_like_one_below_a_long() -> None:
    assert sized("102", 10).quantity == sized("98", 10).quantity


def test_a_stop_at_the_entry_buys_nothing() -> None:
    assert risk_quantity(CAPITAL, TWO_PERCENT, ENTRY, stop=ENTRY) == 0


def test_without_a_stop_the_whole_price_may_be_lost() -> None:
    assert risk_quantity(CAPITAL, TWO_PERCENT, ENTRY, stop=None) == 2


@given(capital=CAPITALS, risk=FRACTIONS, entry=PRICES, stop=PRICES, step=STEPS)
def test_no_size_loses_more_at_its_stop_than_the_risk(
    capital: Decimal, risk: Decimal, entry: Decimal, stop: Decimal, step: Decimal
) -> None:
    rules = replace(BTC, quantity_increment=step)

    quantity = clip(risk_quantity(capital, risk, entry, stop), [], rules).quantity

    assert quantity * abs(entry - stop) <= capital * risk


@given(wanted=AMOUNTS, caps=CAPS, step=STEPS)
def test_a_size_exceeds_neither_what_is_wanted_nor_any_cap(
    wanted: Decimal, caps: list[Cap], step: Decimal
) -> None:
    quantity = clip(wanted, caps, replace(BTC, quantity_increment=step)).quantity

    assert quantity == 0 or quantity <= min([wanted, *(cap.quantity for cap in caps)])


@given(wanted=AMOUNTS, caps=CAPS, step=STEPS)
def test_a_size_is_on_the_step_never_negative_and_wastes_less_than_a_step(
    wanted: Decimal, caps: list[Cap], step: Decimal
) -> None:
    quantity = clip(wanted, caps, replace(BTC, quantity_increment=step)).quantity

    assert quantity >= 0
    assert quantity % step == 0
    assert quantity + step > min([wanted, *(cap.quantity for cap in caps)])


@given(wanted=AMOUNTS, caps=CAPS, step=STEPS)
def test_a_cap_is_named_when_and_only_when_it_made_the_size_smaller(
    wanted: Decimal, caps: list[Cap], step: Decimal
) -> None:
    rules = replace(BTC, quantity_increment=step)
    unclipped = clip(wanted, [], rules)

    size = clip(wanted, caps, rules)

    assert (size.sized_down_by is not None) is (size.quantity < unclipped.quantity)
    assert size.wanted == wanted


@given(caps=CAPS.filter(bool))
def test_the_cap_that_is_named_is_the_tightest(caps: list[Cap]) -> None:
    more_than_any_cap = Decimal(10**7)

    named = clip(more_than_any_cap, caps, BTC).sized_down_by

    tightest = min(cap.quantity for cap in caps)
    assert named in {cap.code for cap in caps if cap.quantity == tightest}


def test_a_cap_that_the_rounding_reaches_anyway_is_not_blamed() -> None:
    cap = Cap(CapCode.FREE_CASH, Decimal("2.2"))

    assert clip(Decimal("2.9"), [cap], WHOLE_UNITS).sized_down_by is None


def test_money_that_is_already_in_use_leaves_a_negative_cap_and_no_size() -> None:
    cap = Cap(CapCode.CAPITAL_IN_USE, Decimal(-3))

    assert clip(Decimal(5), [cap], BTC) == Size(Decimal(0), Decimal(5), CapCode.CAPITAL_IN_USE)


@pytest.mark.parametrize("value", ["NaN", "Infinity"])
def test_a_number_that_is_none_sizes_to_nothing(value: str) -> None:
    cap = Cap(CapCode.FREE_CASH, Decimal(value))

    assert clip(Decimal(5), [cap], BTC).quantity == 0
    assert clip(Decimal(value), [], BTC).quantity == 0


@pytest.mark.parametrize("rules", [BTC, FREE_OF_FEES])
@given(quantity=decimals(1, 10**8, 3), entry=PRICES)
def test_what_is_set_aside_pays_for_an_open_one_percent_higher_with_its_fee(
    rules: InstrumentRules, quantity: Decimal, entry: Decimal
) -> None:
    worst = entry * Decimal("1.01")

    needed = quantity * worst * (1 + rules.taker_fee)

    assert to_reserve(quantity, entry, rules, Direction.LONG) >= needed


@pytest.mark.parametrize("direction", Direction)
@given(cash=CAPITALS, entry=PRICES)
def test_an_order_sized_by_free_cash_can_be_set_aside_from_it(
    direction: Direction, cash: Decimal, entry: Decimal
) -> None:
    cap = Cap(CapCode.FREE_CASH, cash / cost_per_unit(entry, BTC, direction))

    quantity = clip(cap.quantity, [cap], BTC).quantity

    assert to_reserve(quantity, entry, BTC, direction) <= cash


def test_a_short_sets_aside_its_margin_and_fee_and_not_its_price() -> None:
    half = replace(BTC, initial_margin=Decimal("0.5"))  # and a fee of 0.2 %

    assert to_reserve(Decimal(2), Decimal(100), half, Direction.SHORT) == Decimal("101.404")
    assert to_reserve(Decimal(2), Decimal(100), half, Direction.LONG) == Decimal("202.404")


def test_a_fraction_of_the_capital_is_worth_that_part_of_it() -> None:
    assert fraction_quantity(CAPITAL, TWO_PERCENT, Decimal(50)) == 4
