"""From the floats of an opinion to the decimals of an order."""

import math
from dataclasses import replace
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trading.exits import ProtectiveLeg, closing_side, protective_legs
from trading.orders import Leg, OrderType
from trading.signal_checks import checked
from trading.signals import (
    Action,
    Direction,
    ExitPlan,
    Side,
    Signal,
    SignalNotUsable,
    enter,
    exact,
    leave,
)

LONG, SHORT = Action.ENTER_LONG, Action.ENTER_SHORT
ENTRIES = [LONG, SHORT]
NOT_PRICES = ["NaN", "Infinity", "-Infinity", "0", "-1"]


@pytest.mark.parametrize(
    ("action", "is_entry", "direction", "side"),
    [
        (Action.ENTER_LONG, True, Direction.LONG, Side.BUY),
        (Action.EXIT_LONG, False, Direction.LONG, Side.SELL),
        (Action.ENTER_SHORT, True, Direction.SHORT, Side.SELL),
        (Action.EXIT_SHORT, False, Direction.SHORT, Side.BUY),
    ],
)
def test_an_action_knows_its_direction_and_side(
    action: Action, is_entry: bool, direction: Direction, side: Side
) -> None:
    assert (action.is_entry, action.direction, action.side) == (is_entry, direction, side)


# Floats to decimals


@pytest.mark.parametrize("text", ["0.1", "62720.01", "0.00000001", "123456789.12", "1E+22"])
def test_a_float_becomes_the_decimal_that_people_read(text: str) -> None:
    assert exact(float(text)) == Decimal(text)


@given(price=st.floats(min_value=0, exclude_min=True, allow_infinity=False))
def test_the_decimal_reads_back_as_the_same_float(price: float) -> None:
    assert float(exact(price)) == price


def test_the_floats_of_numpy_are_taken_as_they_are() -> None:
    assert exact(np.float64(0.3)) == Decimal("0.3")


@pytest.mark.parametrize("price", [math.nan, math.inf, -math.inf, 0.0, -1.0])
def test_what_is_no_price_is_refused(price: float) -> None:
    with pytest.raises(SignalNotUsable, match="positive finite number"):
        exact(price)


# Entries and exits


@pytest.mark.parametrize(
    ("action", "stop", "target"), [(LONG, "98.49", "104.52"), (SHORT, "102.51", "96.48")]
)
def test_stop_and_target_are_exact_fractions_of_the_reference(
    action: Action, stop: str, target: str
) -> None:
    signal = enter(action, "BTC-USD", 100.5, stop_fraction=0.02, target_fraction=0.04)

    assert signal.reference_price == Decimal("100.5")
    assert signal.exit_plan == ExitPlan(Decimal(stop), Decimal(target))


@pytest.mark.parametrize("action", ENTRIES)
def test_a_fraction_of_zero_is_off(action: Action) -> None:
    assert enter(action, "BTC-USD", 100).exit_plan == ExitPlan(None, None)


def test_a_target_that_a_short_can_never_reach_is_none() -> None:
    assert enter(SHORT, "BTC-USD", 100, target_fraction=1).exit_plan.target_price is None
    assert enter(LONG, "BTC-USD", 100, target_fraction=1).exit_plan.target_price == 200


@pytest.mark.parametrize("fraction", [1.0, 1.5, math.nan, math.inf])
def test_a_stop_that_is_no_price_is_refused(fraction: float) -> None:
    with pytest.raises(SignalNotUsable):
        enter(LONG, "BTC-USD", 100, stop_fraction=fraction)


@pytest.mark.parametrize("fraction", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("action", ENTRIES)
def test_a_target_that_is_no_price_is_refused(action: Action, fraction: float) -> None:
    with pytest.raises(SignalNotUsable):
        enter(action, "BTC-USD", 100, target_fraction=fraction)


@pytest.mark.parametrize("reference", [math.nan, math.inf, 0.0])
def test_no_signal_is_made_of_a_reference_that_is_no_price(reference: float) -> None:
    with pytest.raises(SignalNotUsable):
        enter(LONG, "BTC-USD", reference)
    with pytest.raises(SignalNotUsable):
        leave(Action.EXIT_LONG, "BTC-USD", reference)


FRACTIONS = st.floats(1e-6, 0.99)


@given(
    action=st.sampled_from(ENTRIES), price=st.floats(1e-8, 1e8), stop=FRACTIONS, target=FRACTIONS
)
def test_what_is_entered_by_fractions_always_passes_the_check(
    action: Action, price: float, stop: float, target: float
) -> None:
    signal = enter(action, "BTC-USD", price, stop_fraction=stop, target_fraction=target)

    assert checked(signal) is signal


# The check of what a strategy returned


def entry(action: Action, stop: str | None = None, target: str | None = None) -> Signal:
    """An entry at 100."""
    stop_price, target_price = (
        None if price is None else Decimal(price) for price in (stop, target)
    )
    return Signal("BTC-USD", action, Decimal(100), ExitPlan(stop_price, target_price))


@pytest.mark.parametrize(
    ("action", "stop"), [(LONG, "100"), (LONG, "101"), (SHORT, "100"), (SHORT, "99")]
)
def test_a_stop_at_the_reference_or_beyond_is_refused(action: Action, stop: str) -> None:
    with pytest.raises(SignalNotUsable, match=rf"stop {stop} is on the wrong side of 100"):
        checked(entry(action, stop=stop))


@pytest.mark.parametrize(
    ("action", "target"), [(LONG, "100"), (LONG, "99"), (SHORT, "100"), (SHORT, "101")]
)
def test_a_target_at_the_reference_or_behind_it_is_refused(action: Action, target: str) -> None:
    with pytest.raises(SignalNotUsable, match=rf"target {target} is on the wrong side of 100"):
        checked(entry(action, target=target))


@pytest.mark.parametrize("value", NOT_PRICES)
@pytest.mark.parametrize("action", Action)
def test_a_signal_with_a_price_that_is_none_is_refused(action: Action, value: str) -> None:
    plain = Signal("BTC-USD", action, Decimal(100))
    changes: list[dict[str, Any]] = [
        {"reference_price": Decimal(value)},
        {"exit_plan": ExitPlan(stop_price=Decimal(value))},
        {"exit_plan": ExitPlan(target_price=Decimal(value))},
    ]

    for changed in changes:
        with pytest.raises(SignalNotUsable):
            checked(replace(plain, **changed))


@pytest.mark.parametrize("action", Action)
def test_a_signal_without_an_exit_plan_is_usable(action: Action) -> None:
    assert checked(Signal("BTC-USD", action, Decimal(100))).exit_plan == ExitPlan()


# The orders that carry out an exit plan


@pytest.mark.parametrize(
    ("direction", "side"), [(Direction.LONG, Side.SELL), (Direction.SHORT, Side.BUY)]
)
def test_a_plan_becomes_a_stop_and_a_limit_that_close(direction: Direction, side: Side) -> None:
    stop, target = Decimal(98), Decimal(104)

    assert closing_side(direction) is side
    assert protective_legs(ExitPlan(stop, target), direction) == (
        ProtectiveLeg(Leg.STOP, side, OrderType.STOP_MARKET, trigger_price=stop),
        ProtectiveLeg(Leg.TARGET, side, OrderType.LIMIT, limit_price=target),
    )


def test_what_the_plan_leaves_out_becomes_no_order() -> None:
    legs = protective_legs(ExitPlan(stop_price=Decimal(98)), Direction.LONG)

    assert [leg.leg for leg in legs] == [Leg.STOP]
    assert protective_legs(ExitPlan(), Direction.LONG) == ()


@pytest.mark.parametrize("fraction", [0.02, 1])
def test_an_entry_may_say_which_part_of_the_capital_it_wants(fraction: float) -> None:
    said = checked(enter(LONG, "BTC-USD", 100, size_fraction=fraction))

    assert said.size_fraction == Decimal(str(float(fraction)))


@pytest.mark.parametrize("fraction", [0, -0.02, 1.01])
def test_a_size_is_more_than_nothing_and_no_more_than_all(fraction: float) -> None:
    with pytest.raises(SignalNotUsable, match="must be a part of the capital"):
        checked(enter(LONG, "BTC-USD", 100, size_fraction=fraction))


def test_an_exit_has_no_size() -> None:
    leaving = replace(leave(Action.EXIT_LONG, "BTC-USD", 100), size_fraction=Decimal("0.5"))

    with pytest.raises(SignalNotUsable, match="leaves the whole position"):
        checked(leaving)
