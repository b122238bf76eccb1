"""Each gate at its boundary, and each without one of its facts."""

from dataclasses import fields, replace
from decimal import Decimal
from typing import Any

import pytest

from tests.trading.examples import BTC, INTENT, LIMITS, SNAPSHOT
from trading.gates import conclude, judge
from trading.gates.codes import GateCode
from trading.gates.values import (
    Intent,
    Limits,
    Outcome,
    Snapshot,
    Status,
    TradingState,
    Verdict,
)
from trading.instruments import InstrumentStatus
from trading.order_kinds import TimeInForce
from trading.signals import Action, Direction
from trading.sizing import to_reserve

NOT_A_NUMBER = [Decimal("NaN"), Decimal("Infinity"), Decimal("-Infinity")]
C = GateCode


def verdict(
    gate: int, snapshot: Snapshot = SNAPSHOT, intent: Intent = INTENT, limits: Limits = LIMITS
) -> Verdict:
    """What this gate of the catalogue answers."""
    return next(item for item in judge(intent, snapshot, limits) if item.gate == gate)


def facts(**changed: Any) -> Snapshot:
    return replace(SNAPSHOT, **changed)


def passes(answer: Verdict) -> bool:
    assert (answer.code == "") is (answer.status == Status.PASSED)
    return answer.status == Status.PASSED


# The gate, what is changed in the facts, and the code of the refusal or None.
GATES_AT_THEIR_BOUNDARIES: list[tuple[int, dict[str, Any], GateCode | None]] = [
    (1, {"trading_state": TradingState.ACTIVE}, None),
    (1, {"trading_state": TradingState.REDUCING}, C.TRADING_REDUCING),
    (1, {"trading_state": TradingState.HALTED}, C.TRADING_HALTED),
    (1, {"trading_state": TradingState.LIQUIDATING}, C.TRADING_HALTED),
    (2, {"is_subscribed": False}, C.SUBSCRIPTION_PAUSED),
    (3, {"is_symbol_allowed": False}, C.SYMBOL_NOT_ALLOWED),
    (3, {"rules": replace(BTC, status=InstrumentStatus.HALTED)}, C.INSTRUMENT_NOT_TRADING),
    (3, {"rules": replace(BTC, status=InstrumentStatus.DELISTED)}, C.INSTRUMENT_NOT_TRADING),
    (3, {"rules": replace(BTC, is_shortable=False)}, None),
    (3, {"account_currency": "EUR"}, C.CURRENCY_MISMATCH),
    (3, {"account_currency": ""}, C.CURRENCY_MISMATCH),
    (4, {"candles_seen": 50}, C.INSUFFICIENT_WARMUP),
    (4, {"candles_seen": 51}, None),
    (5, {"free_cash": INTENT.cost}, None),
    (5, {"free_cash": INTENT.cost - Decimal("0.00000001")}, C.INSUFFICIENT_BALANCE),
    (6, {"open_positions": 2}, None),
    (6, {"open_positions": 3}, C.MAX_POSITIONS),
    (6, {"open_positions": 4}, C.MAX_POSITIONS),
    (7, {"day_pnl": Decimal("-499.99")}, None),
    (7, {"day_pnl": Decimal(-500)}, C.DAILY_LOSS_LIMIT),
    (7, {"day_pnl": Decimal(500)}, None),
    (9, {"position_quantity": Decimal("0.001")}, C.DUPLICATE_SIGNAL),
    (9, {"position_quantity": Decimal("-0.001")}, C.DUPLICATE_SIGNAL),
    (9, {"is_entering": True}, C.DUPLICATE_SIGNAL),
    (9, {"is_leaving": True}, None),
    (10, {"is_market_open": True}, None),
    (10, {"is_market_open": False}, C.MARKET_CLOSED),
]


@pytest.mark.parametrize(("gate", "changed", "code"), GATES_AT_THEIR_BOUNDARIES)
def test_a_gate_at_its_boundary(gate: int, changed: dict[str, Any], code: GateCode | None) -> None:
    answer = verdict(gate, facts(**changed))

    assert passes(answer) is (code is None)
    assert answer.code == (code or "")


def test_what_cannot_be_sold_short_is_not() -> None:
    short = replace(INTENT, action=Action.ENTER_SHORT)

    assert passes(verdict(3, intent=short))
    refused = verdict(3, facts(rules=replace(BTC, is_shortable=False)), short)
    assert refused.code == C.SHORT_NOT_AVAILABLE


@pytest.mark.parametrize(
    ("quantity", "price", "code"),
    [
        ("0.1", "100", None),
        ("0.099", "100", C.NOTIONAL_BELOW_MINIMUM),
        ("0.001", "10000", None),
        ("0.0009", "20000", C.QUANTITY_BELOW_MINIMUM),
        ("0", "100", C.NOTIONAL_BELOW_MINIMUM),
    ],
)
def test_the_smallest_order_is_accepted_and_nothing_below_it(
    quantity: str, price: str, code: GateCode | None
) -> None:
    intent = replace(INTENT, quantity=Decimal(quantity), entry_price=Decimal(price))

    assert verdict(8, intent=intent).code == (code or "")


def test_no_quantity_is_no_order_even_where_the_venue_has_no_minimum() -> None:
    rules = replace(BTC, min_quantity=Decimal(0), min_notional=Decimal(0))
    intent = replace(INTENT, quantity=Decimal(0))

    assert verdict(8, facts(rules=rules), intent).code == C.QUANTITY_BELOW_MINIMUM


@pytest.mark.parametrize("is_enough", [True, False])
def test_money_that_was_sized_to_nothing_must_still_pay_for_the_smallest_order(
    is_enough: bool,
) -> None:
    rules = replace(BTC, quantity_increment=Decimal(1), min_quantity=Decimal(1))
    nothing = replace(INTENT, quantity=Decimal(0), entry_price=Decimal(3), cost=Decimal(0))
    # Three would be worth less than 10.
    four_units = to_reserve(Decimal(4), Decimal(3), rules, Direction.LONG)
    free = four_units if is_enough else four_units - Decimal("0.00000001")

    answer = verdict(5, facts(rules=rules, free_cash=free), nothing)

    assert passes(answer) is is_enough
    assert Decimal(answer.limit) == four_units


def test_an_order_that_is_sure_of_its_price_needs_no_buffer() -> None:
    rules = replace(BTC, quantity_increment=Decimal(1), min_quantity=Decimal(1))
    limited = replace(INTENT, entry_price=Decimal(10), cost=Decimal(0), buffer=Decimal(0))
    one_unit = Decimal("10.02")  # with the fee

    assert passes(verdict(5, facts(rules=rules, free_cash=one_unit), limited))
    assert not passes(verdict(5, facts(rules=rules, free_cash=Decimal("10.01")), limited))


def test_the_daily_limit_is_a_fraction_of_the_subscriptions_capital() -> None:
    answer = verdict(7, facts(day_pnl=Decimal("-499.5")))

    assert (answer.observed, answer.limit) == ("499.5", "500")


def test_a_limit_of_zero_lets_a_day_without_a_loss_begin() -> None:
    strict = replace(LIMITS, max_daily_loss=Decimal(0))

    assert passes(verdict(7, limits=strict))
    assert not passes(verdict(7, facts(day_pnl=Decimal("-0.01")), limits=strict))


FACTS_OF_GATES = [
    (10, "is_market_open"),
    (10, "session_end"),
    (1, "trading_state"),
    (4, "candles_seen"),
    (5, "free_cash"),
    (6, "open_positions"),
    (7, "day_pnl"),
    (9, "position_quantity"),
]


@pytest.mark.parametrize(("gate", "fact"), FACTS_OF_GATES)
def test_a_gate_that_lacks_a_fact_refuses_and_names_it(gate: int, fact: str) -> None:
    of_a_day = replace(INTENT, time_in_force=TimeInForce.DAY)

    verdicts = judge(of_a_day, facts(**{fact: None}), LIMITS)

    refused = [item for item in verdicts if not passes(item)]
    assert refused == [Verdict(gate, Status.REFUSED, C.FACT_UNKNOWN, fact, "")]
    assert conclude(verdicts) == (Outcome.DENIED, C.FACT_UNKNOWN)


def test_who_does_not_order_for_the_day_need_not_know_when_it_ends() -> None:
    assert passes(verdict(10, facts(session_end=None)))


def test_every_fact_that_may_be_unknown_belongs_to_a_gate() -> None:
    may_be_unknown = {item.name for item in fields(Snapshot) if "None" in str(item.type)}

    assert may_be_unknown == {fact for _, fact in FACTS_OF_GATES}


@pytest.mark.parametrize("value", NOT_A_NUMBER)
@pytest.mark.parametrize("name", ["free_cash", "day_pnl", "position_quantity"])
def test_a_fact_that_is_no_finite_number_is_not_known(name: str, value: Decimal) -> None:
    verdicts = judge(INTENT, facts(**{name: value}), LIMITS)

    assert [item.observed for item in verdicts if item.code == C.FACT_UNKNOWN] == [name]
    assert conclude(verdicts)[0] is Outcome.DENIED


@pytest.mark.parametrize("value", NOT_A_NUMBER)
@pytest.mark.parametrize("name", ["quantity", "entry_price", "cost"])
def test_an_intent_that_is_no_finite_number_is_refused(name: str, value: Decimal) -> None:
    changed: dict[str, Any] = {name: value}

    verdicts = judge(replace(INTENT, **changed), SNAPSHOT, LIMITS)

    assert conclude(verdicts) == (Outcome.DENIED, C.FACT_UNKNOWN)


@pytest.mark.parametrize("value", NOT_A_NUMBER)
@pytest.mark.parametrize("name", ["capital", "max_daily_loss"])
def test_a_limit_that_is_no_finite_number_is_refused(name: str, value: Decimal) -> None:
    changed: dict[str, Any] = {name: value}

    verdicts = judge(INTENT, SNAPSHOT, replace(LIMITS, **changed))

    assert conclude(verdicts) == (Outcome.DENIED, C.FACT_UNKNOWN)


@pytest.mark.parametrize("price", ["0", "-1"])
def test_a_price_that_is_not_positive_is_refused(price: str) -> None:
    verdicts = judge(replace(INTENT, entry_price=Decimal(price)), SNAPSHOT, LIMITS)

    assert conclude(verdicts)[0] is Outcome.DENIED


@pytest.mark.parametrize(
    ("action", "held", "is_leaving", "turns"),
    [
        (Action.ENTER_SHORT, "1", True, True),
        (Action.ENTER_LONG, "-1", True, True),
        (Action.ENTER_SHORT, "1", False, False),
        (Action.ENTER_LONG, "1", True, False),
        (Action.ENTER_SHORT, "-1", True, False),
    ],
)
def test_a_position_that_is_being_left_may_be_turned_the_other_way(
    action: Action,
    held: str,
    is_leaving: bool,
    turns: bool,
) -> None:
    snapshot = facts(position_quantity=Decimal(held), is_leaving=is_leaving)

    assert passes(verdict(9, snapshot, replace(INTENT, action=action))) is turns
