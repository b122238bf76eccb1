"""What a receipt says as a whole: every question, its answers, and what follows from them."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.trading.examples import BTC, INTENT, LEAVING, LIMITS, MONDAY, SNAPSHOT
from trading.gates import (
    CATALOGUE,
    ENTRY_GATES,
    EXIT_GATES,
    TITLES,
    conclude,
    deciding,
    execution_mode,
    judge,
)
from trading.gates.codes import MEANINGS, SKIPS, GateCode
from trading.gates.values import (
    Intent,
    Outcome,
    Snapshot,
    Status,
    TradingState,
    Verdict,
    text,
)
from trading.instruments import InstrumentStatus
from trading.signals import Action

# Receipts of years ago are read by these numbers: a line is added here, none is ever changed.
NUMBERS = {
    1: "Trading state",
    2: "Subscription",
    3: "Instrument",
    4: "Warm-up",
    5: "Capital",
    6: "Open positions",
    7: "Daily loss",
    8: "Minimum size",
    9: "Duplicate",
    10: "Market hours",
    11: "Capital Guard",
    12: "Drawdown Guard",
    13: "Drawdown Guard: loss today",
    14: "Volatility Guard",
    15: "Execution Gate",
    16: "Share of the account",
    17: "Trades today",
    18: "Size as asked for",
    19: "Losing trades today",
    20: "Loss this week",
    21: "Losses in a row",
    22: "Errors of the venue",
    23: "Plan",
    24: "Repeated order",
    25: "Price collar",
    26: "Age of the signal",
    27: "Age of the price",
    28: "Price drift",
    29: "Spread",
    30: "Message rate",
    31: "Correlated exposure",
    32: "Total exposure",
    33: "Regime",
    34: "Trading window",
    35: "Cool-down",
    36: "Asset-class budget",
    37: "Opposite position",
    38: "Who places the order",
    39: "Deciding",
    100: "Position to close",
}
C = GateCode
DECIMAL = st.decimals(allow_nan=True, allow_infinity=True)
MAYBE = st.none() | DECIMAL
SNAPSHOTS = st.builds(
    Snapshot,
    rules=st.builds(
        replace, st.just(BTC), is_shortable=st.booleans(), status=st.sampled_from(InstrumentStatus)
    ),
    trading_state=st.none() | st.sampled_from(TradingState),
    is_subscribed=st.booleans(),
    is_symbol_allowed=st.booleans(),
    is_market_open=st.none() | st.booleans(),
    session_end=st.none() | st.just(MONDAY),
    account_currency=st.sampled_from(["USD", "EUR"]),
    candles_seen=st.none() | st.integers(0, 100),
    free_cash=MAYBE,
    open_positions=st.none() | st.integers(0, 5),
    day_pnl=MAYBE,
    position_quantity=MAYBE,
    is_entering=st.booleans(),
    is_leaving=st.booleans(),
)
ENTRIES = st.sampled_from([Action.ENTER_LONG, Action.ENTER_SHORT])
EXITS = st.sampled_from([Action.EXIT_LONG, Action.EXIT_SHORT])
NUMBER = st.decimals("0.0001", 10**6, places=4)


def test_gate_numbers_are_unique_and_never_change_their_meaning() -> None:
    gates = CATALOGUE + EXIT_GATES
    asked = {gate.number: gate.title for gate in gates}

    beside = {each.NUMBER: each.TITLE for each in (execution_mode, deciding)}
    assert {**asked, **beside} == NUMBERS == TITLES
    assert not beside.keys() & asked.keys()
    assert len(gates) + len(beside) == len(NUMBERS)


def test_every_gate_answers_with_its_own_number() -> None:
    assert [item.gate for item in judge(INTENT, SNAPSHOT, LIMITS)] == [1, 2, 9, 3, 10, *range(4, 9)]
    assert [item.gate for item in judge(LEAVING, SNAPSHOT, LIMITS)] == [100]


def test_every_code_has_a_sentence_of_its_own() -> None:
    assert set(MEANINGS) == set(GateCode)
    assert len(set(MEANINGS.values())) == len(GateCode)
    assert all(sentence.strip() for sentence in MEANINGS.values())


def test_a_code_is_stored_as_its_own_name() -> None:
    assert all(code.value == code.name for code in GateCode)


def test_when_nothing_speaks_against_it_the_order_is_written() -> None:
    verdicts = judge(INTENT, SNAPSHOT, LIMITS)

    assert all(item.status == Status.PASSED for item in verdicts)
    assert conclude(verdicts) == (Outcome.ORDERED, "")


def first_refusal(verdicts: Sequence[Verdict]) -> str:
    return next((item.code for item in verdicts if item.status == Status.REFUSED), "")


@given(snapshot=SNAPSHOTS, action=ENTRIES, quantity=DECIMAL, cost=DECIMAL, price=NUMBER)
def test_an_entry_is_always_asked_everything_and_its_code_is_the_first_refusal(
    snapshot: Snapshot, action: Action, quantity: Decimal, cost: Decimal, price: Decimal
) -> None:
    verdicts = judge(Intent(action, quantity, price, cost), snapshot, LIMITS)
    outcome, code = conclude(verdicts)

    assert [item.gate for item in verdicts] == [gate.number for gate in ENTRY_GATES]
    assert code == first_refusal(verdicts)
    assert (outcome is Outcome.ORDERED) is (code == "")


@given(snapshot=SNAPSHOTS, action=EXITS)
def test_an_exit_is_asked_the_exit_list_only_and_is_never_denied(
    snapshot: Snapshot, action: Action
) -> None:
    verdicts = judge(replace(LEAVING, action=action), snapshot, LIMITS)

    assert [item.gate for item in verdicts] == [gate.number for gate in EXIT_GATES]
    assert conclude(verdicts)[0] in (Outcome.ORDERED, Outcome.SKIPPED)


@pytest.mark.parametrize("state", [*TradingState, None])
@pytest.mark.parametrize(
    ("action", "held"), [(Action.EXIT_LONG, "0.5"), (Action.EXIT_SHORT, "-0.5")]
)
def test_an_exit_leaves_in_every_trading_state(
    state: TradingState | None, action: Action, held: str
) -> None:
    snapshot = replace(
        SNAPSHOT,
        trading_state=state,
        position_quantity=Decimal(held),
        is_subscribed=False,
        is_symbol_allowed=False,
        is_market_open=False,
        rules=replace(BTC, status=InstrumentStatus.HALTED, is_shortable=False),
        free_cash=Decimal(-1),
        day_pnl=Decimal(-9_999),
    )

    verdicts = judge(replace(LEAVING, action=action), snapshot, LIMITS)

    assert conclude(verdicts) == (Outcome.ORDERED, "")


@pytest.mark.parametrize(
    ("action", "changed", "code"),
    [
        (Action.EXIT_LONG, {"position_quantity": Decimal(0)}, C.NO_POSITION),
        (Action.EXIT_LONG, {"position_quantity": Decimal(-1)}, C.NO_POSITION),
        (Action.EXIT_SHORT, {"position_quantity": Decimal(0)}, C.NO_POSITION),
        (Action.EXIT_SHORT, {"position_quantity": Decimal(1)}, C.NO_POSITION),
        (
            Action.EXIT_LONG,
            {"position_quantity": Decimal(1), "is_leaving": True},
            C.EXIT_ALREADY_WORKING,
        ),
    ],
)
def test_an_exit_with_nothing_to_do_is_skipped(
    action: Action, changed: dict[str, Any], code: GateCode
) -> None:
    verdicts = judge(replace(LEAVING, action=action), replace(SNAPSHOT, **changed), LIMITS)

    assert conclude(verdicts) == (Outcome.SKIPPED, code)


@pytest.mark.parametrize("held", [None, Decimal("NaN"), Decimal("Infinity")])
def test_an_unknown_position_does_not_trap_anybody(held: Decimal | None) -> None:
    verdicts = judge(LEAVING, replace(SNAPSHOT, position_quantity=held), LIMITS)

    assert conclude(verdicts) == (Outcome.ORDERED, "")


@pytest.mark.parametrize("code", sorted(GateCode))
def test_a_code_either_skips_or_denies(code: GateCode) -> None:
    outcome, told = conclude([Verdict(1, Status.REFUSED, code.value, "", "")])

    assert outcome is (Outcome.SKIPPED if code in SKIPS else Outcome.DENIED)
    assert told == code


def test_only_having_nothing_to_do_skips() -> None:
    nothing_to_do = {
        C.SUBSCRIPTION_PAUSED,
        C.WATCH_ONLY,
        C.DUPLICATE_SIGNAL,
        C.NO_POSITION,
        C.EXIT_ALREADY_WORKING,
    }

    assert nothing_to_do == SKIPS


def test_a_halt_is_told_before_a_pause_and_a_pause_before_a_lack_of_money() -> None:
    paused = replace(SNAPSHOT, is_subscribed=False, free_cash=Decimal(0))
    halted = replace(paused, trading_state=TradingState.HALTED)

    assert conclude(judge(INTENT, halted, LIMITS)) == (Outcome.DENIED, C.TRADING_HALTED)
    assert conclude(judge(INTENT, paused, LIMITS)) == (Outcome.SKIPPED, C.SUBSCRIPTION_PAUSED)


def test_what_does_not_apply_refuses_nothing() -> None:
    not_applicable = Verdict(4, Status.NOT_APPLICABLE, "", "", "")

    assert conclude([not_applicable]) == (Outcome.ORDERED, "")


@pytest.mark.parametrize(
    ("value", "printed"),
    [
        (Decimal("1E+3"), "1000"),
        (Decimal("0.10"), "0.1"),
        (Decimal("1.000"), "1"),
        (Decimal("100"), "100"),
        (Decimal("1E-8"), "0.00000001"),
        (Decimal(0), "0"),
        (3, "3"),
        ("paused", "paused"),
    ],
)
def test_numbers_are_written_plainly(value: object, printed: str) -> None:
    assert text(value) == printed
