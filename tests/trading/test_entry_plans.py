"""What a strategy asks for to enter, and what of it a venue would take."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from itertools import product
from typing import Any

import pytest

from tests.trading.examples import BTC
from trading.entries import on_increment
from trading.matching import refusal
from trading.orders import OrderTicket, OrderType, TimeInForce
from trading.signal_checks import checked
from trading.signals import Action, EntryPlan, ExitPlan, Side, Signal, SignalNotUsable, enter, leave
from trading.sizing import ENTRY_BUFFER, entry_buffer

LONG, SHORT = Action.ENTER_LONG, Action.ENTER_SHORT
T, F = OrderType, TimeInForce
D = Decimal
LIMIT = EntryPlan(T.LIMIT, limit_price=D(98))
STOP = EntryPlan(T.STOP_MARKET, trigger_price=D(102))
STOP_LIMIT = EntryPlan(T.STOP_LIMIT, limit_price=D(103), trigger_price=D(102))


def entry(action: Action = LONG, **asked: Any) -> EntryPlan:
    """What an entry at a reference of 100 asks for, and its signal is one that may be spoken."""
    return checked(enter(action, "BTC-USD", 100, **asked)).entry_plan


def test_an_entry_that_says_nothing_is_at_market_until_it_is_canceled() -> None:
    assert entry() == EntryPlan(T.MARKET, None, None, F.GTC, post_only=False)


@pytest.mark.parametrize(
    ("asked", "kind", "long", "short"),
    [
        ({"pullback_fraction": 0.02}, T.LIMIT, ("98", None), ("102", None)),
        ({"worst_fraction": 0.02}, T.LIMIT, ("102", None), ("98", None)),
        ({"worst_fraction": 0.0}, T.LIMIT, ("100", None), ("100", None)),
        ({"breakout_fraction": 0.02}, T.STOP_MARKET, (None, "102"), (None, "98")),
        (
            {"breakout_fraction": 0.02, "worst_fraction": 0.5},
            T.STOP_LIMIT, ("153", "102"), ("49", "98"),
        ),
    ],
)  # fmt: skip
def test_fractions_say_where_it_waits(
    asked: dict[str, Any], kind: OrderType, long: tuple[str | None, ...],
    short: tuple[str | None, ...],
) -> None:  # fmt: skip
    for action, (limit, trigger) in ((LONG, long), (SHORT, short)):
        plan = entry(action, **asked)
        assert plan.order_type is kind
        assert plan.limit_price == (limit and D(limit))
        assert plan.trigger_price == (trigger and D(trigger))


@pytest.mark.parametrize(
    ("asked", "stop", "target"),
    [
        ({}, "90", "110"),
        ({"pullback_fraction": 0.02}, "88.2", "107.8"),  # of 98
        ({"breakout_fraction": 0.02}, "91.8", "112.2"),  # of 102
        ({"breakout_fraction": 0.02, "worst_fraction": 0.01}, "91.8", "112.2"),
        ({"worst_fraction": 0.02}, "90", "110"),  # it is expected at the reference
    ],
)
def test_stop_and_target_are_measured_from_where_it_is_entered(
    asked: dict[str, Any], stop: str, target: str
) -> None:
    said = checked(enter(LONG, "BTC-USD", 100, stop_fraction=0.1, target_fraction=0.1, **asked))

    assert said.exit_plan == ExitPlan(D(stop), D(target))


@pytest.mark.parametrize(
    ("plan", "worst", "expected"),
    [
        (EntryPlan(), 100, 100),
        (LIMIT, 98, 98),
        (replace(LIMIT, limit_price=D(102)), 102, 100),
        (STOP, 102, 102),
        (STOP_LIMIT, 103, 102),
    ],
)
def test_a_size_is_made_for_the_worst_price_and_a_stop_for_the_expected_one(
    plan: EntryPlan, worst: int, expected: int
) -> None:
    assert plan.worst_price(D(100)) == worst
    assert plan.expected_price(D(100), LONG.direction) == expected


@pytest.mark.parametrize(
    ("plan", "words"),
    [
        (EntryPlan(T.LIMIT), "needs limit price"),
        (replace(STOP_LIMIT, limit_price=None), "needs limit price"),
        (EntryPlan(T.STOP_MARKET), "needs trigger price"),
        (replace(LIMIT, trigger_price=D(102)), "has no trigger price"),
        (replace(STOP, limit_price=D(103)), "has no limit price"),
        (EntryPlan(limit_price=D(98)), "has no limit price"),
        (EntryPlan(T.TRAILING_STOP_MARKET), "only leaves"),
        (replace(LIMIT, limit_price=D("NaN")), "positive finite number"),
        (replace(LIMIT, limit_price=D(0)), "positive finite number"),
        (replace(STOP, trigger_price=D(-1)), "positive finite number"),
        (replace(STOP, trigger_price=D(100)), "has been reached"),
        (replace(STOP, trigger_price=D(99)), "has been reached"),
        (replace(STOP_LIMIT, limit_price=D("101.99")), "wrong side of 102"),
        (replace(STOP, time_in_force=F.IOC), "waits: it cannot be ioc"),
        (replace(STOP_LIMIT, time_in_force=F.FOK), "waits: it cannot be fok"),
        (EntryPlan(post_only=True), "can be post-only"),
        (replace(STOP_LIMIT, post_only=True), "can be post-only"),
        (replace(LIMIT, time_in_force=F.IOC, post_only=True), "can be post-only"),
    ],
)
def test_a_plan_that_no_venue_would_take_is_refused(plan: EntryPlan, words: str) -> None:
    with pytest.raises(SignalNotUsable, match=words):
        checked(Signal("BTC-USD", LONG, D(100), entry_plan=plan))


@pytest.mark.parametrize(
    ("plan", "exits", "words"),
    [
        (LIMIT, ExitPlan(stop_price=D(98)), "stop 98 is on the wrong side of 98"),
        (LIMIT, ExitPlan(stop_price=D(99)), "stop 99 is on the wrong side of 98"),
        (STOP, ExitPlan(target_price=D(102)), "target 102 is on the wrong side of 102"),
        (STOP_LIMIT, ExitPlan(target_price=D(103)), "target 103 is on the wrong side of 103"),
    ],
)
def test_stop_and_target_lie_beyond_where_it_is_entered(
    plan: EntryPlan, exits: ExitPlan, words: str
) -> None:
    with pytest.raises(SignalNotUsable, match=words):
        checked(Signal("BTC-USD", LONG, D(100), exits, entry_plan=plan))


@pytest.mark.parametrize(
    "asked",
    [
        {"pullback_fraction": 0.01, "breakout_fraction": 0.01},
        {"pullback_fraction": 0.01, "worst_fraction": 0.0},
        {"pullback_fraction": -0.01},
        {"breakout_fraction": -0.01},
        {"worst_fraction": -0.01},
        {"pullback_fraction": float("nan")},
        {"worst_fraction": float("inf")},
        {"pullback_fraction": 1.0},
    ],
)
def test_fractions_that_make_no_entry_are_refused(asked: dict[str, Any]) -> None:
    with pytest.raises(SignalNotUsable):
        entry(**asked)


def test_an_exit_is_always_at_market() -> None:
    with pytest.raises(SignalNotUsable, match="leaves at market"):
        checked(replace(leave(Action.EXIT_LONG, "BTC-USD", 100), entry_plan=LIMIT))


PRICES = [None, *(D(text) for text in ("NaN", "0", "97.004", "102.006", "104"))]


def test_what_may_be_spoken_is_taken_by_the_paper_venue() -> None:
    taken = set()
    for action, parts in product([LONG, SHORT], product(T, PRICES, PRICES, F, [False, True])):
        plan = EntryPlan(*parts)
        if not may_be_spoken(Signal("BTC-USD", action, D(100), entry_plan=plan)):
            continue
        placed = on_increment(plan, action.side, BTC)
        ends = datetime.max.replace(tzinfo=UTC) if placed.time_in_force is F.DAY else None
        ticket = OrderTicket(
            client_order_id="a", account=1, position=1, side=action.side,
            order_type=placed.order_type, quantity=D(1), limit_price=placed.limit_price,
            trigger_price=placed.trigger_price, time_in_force=placed.time_in_force,
            expire_time=ends, post_only=placed.post_only,
        )  # fmt: skip
        assert refusal(ticket) is None
        taken.add((placed.order_type, placed.time_in_force, placed.post_only))

    waits = {
        (kind, force, False) for kind in (T.STOP_MARKET, T.STOP_LIMIT) for force in (F.GTC, F.DAY)
    }
    plain = {(kind, force, False) for kind in (T.MARKET, T.LIMIT) for force in F}
    assert taken == waits | plain | {(T.LIMIT, F.GTC, True), (T.LIMIT, F.DAY, True)}


def may_be_spoken(signal: Signal) -> bool:
    try:
        return checked(signal) is signal
    except SignalNotUsable:
        return False


@pytest.mark.parametrize(
    ("side", "limit", "trigger"), [(Side.BUY, "98.00", "102.01"), (Side.SELL, "98.01", "102.00")]
)
def test_prices_are_rounded_to_pay_no_more_and_to_begin_no_earlier(
    side: Side, limit: str, trigger: str
) -> None:
    asked = EntryPlan(T.STOP_LIMIT, limit_price=D("98.004"), trigger_price=D("102.004"))

    placed = on_increment(asked, side, BTC)

    assert placed == replace(asked, limit_price=D(limit), trigger_price=D(trigger))


def test_only_a_purchase_with_a_limit_is_sure_of_its_price() -> None:
    plans = (EntryPlan(), STOP, LIMIT, STOP_LIMIT)

    assert [entry_buffer(plan, Side.BUY) for plan in plans] == [ENTRY_BUFFER, ENTRY_BUFFER, 0, 0]
    assert {entry_buffer(plan, Side.SELL) for plan in plans} == {ENTRY_BUFFER}
