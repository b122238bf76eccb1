"""How a strategy says that its stop follows the price, or that it has a worst price; and the orders
that come of it."""

from dataclasses import replace
from decimal import Decimal

import pytest

from trading.exits import protective_legs
from trading.orders import Leg, OrderType
from trading.signal_checks import checked
from trading.signals import (
    Action,
    Direction,
    ExitPlan,
    OffsetType,
    Signal,
    SignalNotUsable,
    Trail,
    enter,
)

LONG, SHORT = Action.ENTER_LONG, Action.ENTER_SHORT
BY_TWO = Trail(Decimal(2))


@pytest.mark.parametrize(("action", "stop"), [(LONG, "98"), (SHORT, "102")])
def test_a_trail_begins_at_its_own_distance_where_no_stop_is_given(
    action: Action, stop: str
) -> None:
    plan = checked(enter(action, "BTC-USD", 100, trail_fraction=0.02)).exit_plan

    assert plan.stop_price == Decimal(stop)
    assert plan.trail == Trail(Decimal(200), OffsetType.BASIS_POINTS)


def test_a_stop_that_is_given_is_where_the_trail_begins() -> None:
    plan = enter(LONG, "BTC-USD", 100, stop_fraction=0.05, trail_fraction=0.02).exit_plan

    assert (plan.stop_price, plan.trail) == (
        Decimal(95),
        Trail(Decimal(200), OffsetType.BASIS_POINTS),
    )


@pytest.mark.parametrize(("action", "limit"), [(LONG, "97.02"), (SHORT, "103.02")])
def test_the_limit_of_a_stop_lies_beyond_it(action: Action, limit: str) -> None:
    said = enter(action, "BTC-USD", 100, stop_fraction=0.02, stop_limit_fraction=0.01)

    assert checked(said).exit_plan.stop_limit_price == Decimal(limit)


PLAN = ExitPlan(stop_price=Decimal(98))


@pytest.mark.parametrize(
    ("plan", "words"),
    [
        (ExitPlan(trail=BY_TWO), "needs the price of the stop"),
        (ExitPlan(stop_limit_price=Decimal(97)), "needs the price of the stop"),
        (replace(PLAN, trail=BY_TWO, stop_limit_price=Decimal(97)), "not both"),
        (replace(PLAN, stop_limit_price=Decimal("98.01")), "wrong side of 98"),
        (replace(PLAN, stop_limit_price=Decimal(-1)), "positive finite number"),
        (replace(PLAN, trail=Trail(Decimal(0))), "cannot follow the price by 0"),
        (replace(PLAN, trail=Trail(Decimal("NaN"))), "cannot follow the price by NaN"),
        (
            replace(PLAN, trail=Trail(Decimal(10_000), OffsetType.BASIS_POINTS)),
            "cannot follow the price by 10000",
        ),
    ],
)
def test_a_plan_that_no_order_can_carry_out_is_refused(plan: ExitPlan, words: str) -> None:
    with pytest.raises(SignalNotUsable, match=words):
        checked(Signal("BTC-USD", LONG, Decimal(100), plan))


@pytest.mark.parametrize(
    ("plan", "kind"),
    [
        (PLAN, OrderType.STOP_MARKET),
        (replace(PLAN, stop_limit_price=Decimal(97)), OrderType.STOP_LIMIT),
        (replace(PLAN, trail=BY_TWO), OrderType.TRAILING_STOP_MARKET),
    ],
)
def test_the_stop_is_an_order_of_the_kind_that_its_plan_asks_for(
    plan: ExitPlan, kind: OrderType
) -> None:
    (leg,) = protective_legs(plan, Direction.LONG)

    assert (leg.leg, leg.order_type, leg.trigger_price) == (Leg.STOP, kind, Decimal(98))
    assert (leg.limit_price, leg.trail) == (plan.stop_limit_price, plan.trail)
