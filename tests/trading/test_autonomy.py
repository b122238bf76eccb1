"""Watch, approve each, automatic; and the second decision on what was approved."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from tests.trading.examples import BTC, LIMITS, MONDAY, SNAPSHOT
from tests.trading.full_facts import FULL_LIMITS, told
from trading.autonomy import Moment, decide_again, held_back
from trading.decisions import Answer, Asked, Question, decide
from trading.gates.bounds import Source, bounds_of
from trading.gates.execution_mode import ExecutionMode
from trading.gates.values import Limits, Outcome, Snapshot, Status
from trading.order_kinds import OrderType
from trading.signals import Action, EntryPlan

LASTS = timedelta(minutes=30)
HUNDRED = Decimal(100)
AT_MARKET = EntryPlan()


def question(
    action: Action = Action.ENTER_LONG,
    *,
    stop: str | None = "98",
    target: str | None = None,
    plan: EntryPlan = AT_MARKET,
    snapshot: Snapshot = SNAPSHOT,
    limits: Limits = LIMITS,
) -> Question:
    stop_price = None if stop is None else Decimal(stop)
    asked = Asked(
        1, BTC, action, HUNDRED, stop_price, plan, 51, is_market_open=True, session_end=None,
        target_price=None if target is None else Decimal(target),
    )  # fmt: skip
    return Question(asked, snapshot, limits, Decimal(0))


def again(
    asked: Question,
    *,
    price: str | None = "100",
    age: timedelta = timedelta(minutes=5),
    candle_age: str | None = "0",
    approved: str = "1000",
) -> Answer:
    moment = Moment(
        now=MONDAY + age,
        price=None if price is None else Decimal(price),
        candle_age=None if candle_age is None else Decimal(candle_age),
        signal_age=age,
        lasts=LASTS,
    )
    return decide_again(asked, moment, approved=Decimal(approved)).answer


@pytest.mark.parametrize("action", [Action.EXIT_LONG, Action.EXIT_SHORT])
@pytest.mark.parametrize("mode", list(ExecutionMode))
def test_an_exit_leaves_in_every_mode(action: Action, mode: ExecutionMode) -> None:
    held = Decimal("0.5") if action is Action.EXIT_LONG else Decimal("-0.5")
    answer = decide(question(action, snapshot=replace(SNAPSHOT, position_quantity=held)))
    assert answer.outcome is Outcome.ORDERED

    assert held_back(answer, action, mode) is answer


@pytest.mark.parametrize(
    ("mode", "outcome", "code"),
    [
        (ExecutionMode.AUTOMATIC, Outcome.ORDERED, ""),
        (ExecutionMode.APPROVE, Outcome.DEFERRED, "APPROVAL_NEEDED"),
        (ExecutionMode.WATCH, Outcome.SKIPPED, "WATCH_ONLY"),
    ],
)
@pytest.mark.parametrize("action", [Action.ENTER_LONG, Action.ENTER_SHORT])
def test_an_entry_goes_as_its_mode_says(
    action: Action, mode: ExecutionMode, outcome: Outcome, code: str
) -> None:
    stop = "98" if action is Action.ENTER_LONG else "102"
    answer = decide(question(action, stop=stop))

    held = held_back(answer, action, mode)

    assert (held.outcome, held.code) == (outcome, code)
    assert held.intent == answer.intent  # what would have been ordered
    assert held.verdicts[: len(answer.verdicts)] == answer.verdicts


@pytest.mark.parametrize("mode", list(ExecutionMode))
def test_what_a_gate_refused_stays_refused(mode: ExecutionMode) -> None:
    refused = decide(question(snapshot=replace(SNAPSHOT, is_subscribed=False)))

    assert held_back(refused, Action.ENTER_LONG, mode) is refused


@pytest.mark.parametrize(
    ("age", "code"), [(LASTS, ""), (LASTS + timedelta(seconds=1), "STALE_SIGNAL")]
)
def test_it_may_be_as_old_as_it_may_wait(age: timedelta, code: str) -> None:
    assert again(question(), age=age).code == code


@pytest.mark.parametrize(
    ("candle_age", "code"), [("2", ""), ("2.01", "STALE_MARKET_DATA"), (None, "FACT_UNKNOWN")]
)
def test_its_price_may_be_two_candles_old(candle_age: str | None, code: str) -> None:
    assert again(question(), candle_age=candle_age).code == code


def test_a_stricter_age_of_somebody_else_stays() -> None:
    """The operator's own is for signals that nobody was asked about."""
    by_the_user = replace(LIMITS, bounds=bounds_of(Source.USER, signal_age=120))
    by_the_operator = replace(LIMITS, bounds=bounds_of(Source.PLATFORM, signal_age=60))

    assert again(question(limits=by_the_user)).code == "STALE_SIGNAL"
    assert again(question(limits=by_the_operator)).code == ""


@pytest.mark.parametrize(
    ("price", "stop", "code"),
    [
        ("102", "90", ""),
        ("102.01", "90", "PRICE_DRIFTED"),
        ("98", "90", ""),
        ("97.99", "90", "PRICE_DRIFTED"),
        ("98.51", "98.5", ""),
        ("98.49", "98.5", "PRICE_DRIFTED"),
        ("99", None, ""),
    ],
)
def test_a_price_that_has_run_away_or_past_the_stop_is_refused(
    price: str, stop: str | None, code: str
) -> None:
    assert again(question(stop=stop), price=price).code == code


def test_a_short_is_refused_where_the_price_has_risen_past_its_stop() -> None:
    short = question(Action.ENTER_SHORT, stop="101")

    assert again(short, price="100.99").code == ""
    assert again(short, price="101.01").code == "PRICE_DRIFTED"


@pytest.mark.parametrize("action", [Action.ENTER_LONG, Action.ENTER_SHORT])
def test_at_its_very_stop_nothing_is_ordered(action: Action) -> None:
    assert again(question(action, stop="101"), price="101").outcome is Outcome.DENIED


@pytest.mark.parametrize(
    ("action", "price", "code"),
    [
        (Action.ENTER_LONG, "100.99", ""),
        (Action.ENTER_LONG, "101", "PRICE_DRIFTED"),
        (Action.ENTER_LONG, "101.01", "PRICE_DRIFTED"),
        (Action.ENTER_SHORT, "99.01", ""),
        (Action.ENTER_SHORT, "99", "PRICE_DRIFTED"),
        (Action.ENTER_SHORT, "98.99", "PRICE_DRIFTED"),
    ],
)
def test_a_price_past_the_target_is_refused(action: Action, price: str, code: str) -> None:
    stop, target = ("95", "101") if action is Action.ENTER_LONG else ("105", "99")

    assert again(question(action, stop=stop, target=target), price=price).code == code


@pytest.mark.parametrize(
    ("plan", "stop", "target", "code"),
    [
        (EntryPlan(OrderType.LIMIT, Decimal(99)), "95", "100", ""),  # it rests below the market
        (EntryPlan(OrderType.STOP_MARKET, None, Decimal(102)), "101", "104", ""),  # and above it
        (EntryPlan(OrderType.STOP_MARKET, None, Decimal(99)), "98", "100.4", "PRICE_DRIFTED"),
    ],
)
def test_what_waits_for_its_price_is_judged_where_it_would_be_entered(
    plan: EntryPlan, stop: str, target: str, code: str
) -> None:
    assert again(question(stop=stop, target=target, plan=plan), price="100.5").code == code


@pytest.mark.parametrize("price", [None, "NaN", "0", "-1"])
def test_without_a_price_nothing_is_ordered(price: str | None) -> None:
    answer = again(question(), price=price)

    assert answer.outcome is Outcome.DENIED


def test_never_more_than_was_approved() -> None:
    """Near its stop the policy alone would buy many times as much."""
    first = decide(question())

    found = again(question(), price="98.4", approved=str(first.intent.quantity))

    assert found.outcome is Outcome.ORDERED
    assert found.intent.quantity == first.intent.quantity


def test_less_where_the_stop_is_farther_now() -> None:
    first = decide(question(stop="97"))

    found = again(question(stop="97"), price="101", approved=str(first.intent.quantity))

    assert found.intent.quantity < first.intent.quantity
    at_risk = found.intent.quantity * (Decimal(101) - Decimal(97))
    assert at_risk <= LIMITS.capital * LIMITS.risk_per_trade


def test_every_gate_is_asked_with_the_facts_of_now() -> None:
    asked = question(snapshot=told(), limits=FULL_LIMITS)
    worse = question(snapshot=told(consecutive_losses=99), limits=FULL_LIMITS)

    assert {25, 26, 27, 28} <= {
        item.gate for item in again(asked).verdicts if item.status == Status.PASSED
    }
    assert again(worse).code == "CONSECUTIVE_LOSSES"


def test_what_was_approved_in_a_week_of_losses_is_not_halved_again() -> None:
    """It was approved as a half; the stop is nearer now, and half of now would be a little more."""
    bounds = bounds_of(Source.PLATFORM, weekly_loss_halves=Decimal("0.08"))
    lost = told(week_pnl=Decimal(-90), start_of_week_equity=Decimal(1_000)).risk
    asked = question(snapshot=replace(SNAPSHOT, risk=lost), limits=replace(LIMITS, bounds=bounds))
    approved = decide(asked).intent.quantity

    answer = again(asked, price="99.9", approved=str(approved))

    assert (answer.outcome, answer.intent.quantity) == (Outcome.ORDERED, approved)
