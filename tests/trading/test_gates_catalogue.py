"""Every gate of the catalogue: without a fact, with one that is no number, with none provided."""

from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from tests.trading.examples import BTC, INTENT, LEAVING, LIMITS, SNAPSHOT
from tests.trading.full_facts import BOUNDS, FACTS, FULL, FULL_LIMITS, told
from trading.gates import CATALOGUE, ENTRY_GATES, EXIT_GATES, conclude, judge
from trading.gates.bounds import NAMES, NO_BOUNDS
from trading.gates.codes import MEANINGS, GateCode
from trading.gates.codes_page import codes_page
from trading.gates.risk_facts import (
    NOT_PROVIDED,
    NOTHING_PROVIDED,
    AccessFacts,
    AccountFacts,
    InstrumentFacts,
    MarketFacts,
)
from trading.gates.severities import CLEARS, SEVERITIES
from trading.gates.values import Intent, Outcome, Status, Verdict
from trading.instruments import InstrumentStatus
from trading.signals import Action

# The gates that ask for a fact, by its name; every other fact is for a sentence only.
ASKED_BY: dict[str, set[int]] = {
    "equity": {11, 12, 16, 31, 32},
    "available": {15},
    "exposure": {32},
    "peak_equity": {12},
    "start_of_day_equity": {13},
    "start_of_week_equity": {20},
    "day_pnl": {13},
    "week_pnl": {20},
    "lost_today": {19},
    "open_positions": {11},
    "users_positions": {11},
    "trades_today": {17},
    "consecutive_losses": {21},
    "api_errors": {22},
    "messages": {30},
    "correlated_exposure": {31},
    "class_exposure": {36},
    "class_budget": {36},
    "opposite": {37},
    "same_orders": {24},
    "cool_down_until": {35},
    "now": {35},
    "volatility": {14},
    "reference_price": {25},
    "signal_price": {28},
    "price_now": {28},
    "bid": {29},
    "ask": {29},
    "candle_age": {27},
    "signal_age": {26},
    "is_regime_blocked": {33},
    "mode": {23},
    "plan_allows_live": {23},
    "is_payment_overdue": {23},
    "is_in_window": {34},
}
FOR_SENTENCES = {"window_opens_at"}
GROUPS = (AccountFacts, InstrumentFacts, MarketFacts, AccessFacts)
NOT_NUMBERS = [Decimal("NaN"), Decimal("Infinity"), Decimal("-Infinity")]


def names() -> Iterator[str]:
    for group in GROUPS:
        yield from (item.name for item in fields(group))


def number_facts() -> list[str]:
    return [name for name in ASKED_BY if isinstance(_value(name), Decimal)]


def _value(name: str) -> object:
    groups = (FACTS.account, FACTS.instrument, FACTS.market, FACTS.access)
    return next(getattr(group, name) for group in groups if hasattr(group, name))


def by_gate(verdicts: tuple[Verdict, ...]) -> dict[int, Verdict]:
    return {item.gate: item for item in verdicts}


def test_every_fact_belongs_to_a_gate() -> None:
    assert set(names()) == set(ASKED_BY) | FOR_SENTENCES


def test_with_every_fact_in_order_every_gate_passes() -> None:
    verdicts = judge(INTENT, FULL, FULL_LIMITS)

    assert {item.gate for item in verdicts if item.status != Status.PASSED} == {18}
    assert conclude(verdicts) == (Outcome.ORDERED, "")
    assert [item.gate for item in verdicts] == [gate.number for gate in CATALOGUE]


@pytest.mark.parametrize("name", ASKED_BY)
def test_a_fact_that_is_not_known_is_refused_and_named(name: str) -> None:
    verdicts = judge(INTENT, told(**{name: None}), FULL_LIMITS)

    refused = {item.gate for item in verdicts if item.status == Status.REFUSED}
    assert refused == ASKED_BY[name]
    assert {(item.code, item.observed) for item in verdicts if item.gate in refused} == {
        (GateCode.FACT_UNKNOWN.value, name)
    }
    assert conclude(verdicts) == (Outcome.DENIED, GateCode.FACT_UNKNOWN)


@pytest.mark.parametrize("value", NOT_NUMBERS)
@pytest.mark.parametrize("name", number_facts())
def test_a_fact_that_is_no_number_is_not_known(name: str, value: Decimal) -> None:
    verdicts = judge(INTENT, told(**{name: value}), FULL_LIMITS)

    refused = [item for item in verdicts if item.status == Status.REFUSED]
    assert {item.gate for item in refused} == ASKED_BY[name]
    assert {(item.code, item.observed) for item in refused} == {(GateCode.FACT_UNKNOWN.value, name)}


@pytest.mark.parametrize("name", ASKED_BY)
def test_a_fact_that_is_never_provided_makes_the_gate_not_apply(name: str) -> None:
    verdicts = by_gate(judge(INTENT, told(**{name: NOT_PROVIDED}), FULL_LIMITS))

    # A cool-down without a clock, and overdue payments nobody tells of, leave the rest to be asked.
    if name == "now":
        assert verdicts[35].code == GateCode.FACT_UNKNOWN
        return
    expected = Status.PASSED if name == "is_payment_overdue" else Status.NOT_APPLICABLE
    assert {verdicts[gate].status for gate in ASKED_BY[name]} == {expected}
    assert conclude(tuple(verdicts.values())) == (Outcome.ORDERED, "")


def test_without_bounds_only_what_needs_none_is_asked() -> None:
    verdicts = by_gate(judge(INTENT, FULL, LIMITS))

    asked = {gate for gate, item in verdicts.items() if item.status == Status.PASSED}
    without_a_bound = {11, 14, 15, 23, 24, 33, 34, 35, 36, 37}
    assert asked == without_a_bound | {gate.number for gate in ENTRY_GATES}
    told_why = {item.observed for gate, item in verdicts.items() if gate not in asked | {18}}
    assert told_why == {"no limit"}


@pytest.mark.parametrize("name", NAMES)
def test_every_bound_is_asked_about_or_sizes(name: str) -> None:
    """A bound that nobody reads would be a promise that is not kept."""
    changed: dict[str, Any] = {name: None}
    without = replace(FULL_LIMITS, bounds=replace(BOUNDS, **changed))

    sizes_only = {"strategy_share", "weekly_loss_halves"}
    rests = replace(INTENT, rests=True)
    differs = any(
        judge(intent, FULL, without) != judge(intent, FULL, FULL_LIMITS)
        for intent in (INTENT, rests)
    )
    # The capital guard passes with one pair of numbers only: these show when they refuse.
    refuses_only = {"least_notional", "most_share", "positions", "account_positions", "black_swan"}
    assert differs is (name not in sizes_only | refuses_only)


def test_whoever_brings_nothing_is_asked_the_short_list() -> None:
    assert SNAPSHOT.risk is NOTHING_PROVIDED
    assert LIMITS.bounds is NO_BOUNDS

    numbers = [item.gate for item in judge(INTENT, SNAPSHOT, LIMITS)]
    assert numbers == [gate.number for gate in ENTRY_GATES]


def test_a_size_that_was_typed_is_asked_everything() -> None:
    numbers = [item.gate for item in judge(replace(INTENT, is_typed=True), SNAPSHOT, LIMITS)]
    assert numbers == [gate.number for gate in CATALOGUE]


def _against_everything() -> dict[str, object]:
    """Each fact as it would refuse an entry."""
    worst: dict[str, object] = dict.fromkeys(ASKED_BY)
    worst["volatility"] = Decimal(99)
    worst["is_payment_overdue"] = True
    return worst


@pytest.mark.parametrize("gate", CATALOGUE, ids=lambda gate: gate.title)
def test_no_gate_of_the_catalogue_stops_an_exit(gate: Any) -> None:
    """Everything that could refuse an entry does; the exit leaves."""
    against = replace(
        told(**_against_everything()),
        rules=replace(BTC, status=InstrumentStatus.HALTED),
        trading_state=None,
        is_subscribed=False,
        is_symbol_allowed=False,
        is_market_open=None,
        candles_seen=None,
        free_cash=None,
        open_positions=None,
        day_pnl=None,
        position_quantity=Decimal("0.5"),
        is_entering=True,
    )
    nothing = Intent(Action.ENTER_LONG, Decimal("NaN"), Decimal(100), Decimal(0), is_typed=True)

    assert gate.question(nothing, against, FULL_LIMITS).status == Status.REFUSED
    verdicts = judge(LEAVING, against, FULL_LIMITS)

    assert gate.number not in {item.gate for item in verdicts}
    assert [item.gate for item in verdicts] == [item.number for item in EXIT_GATES]
    assert conclude(verdicts) == (Outcome.ORDERED, "")


def test_every_code_has_its_severity_and_what_clears_it() -> None:
    assert set(SEVERITIES) == set(CLEARS) == set(MEANINGS) == set(GateCode)
    assert all(words.strip() for words in CLEARS.values())


def test_the_page_of_codes_is_the_one_that_the_gates_make(pytestconfig: pytest.Config) -> None:
    """Else: manage.py describe_codes"""
    page = pytestconfig.rootpath / "docs" / "codes.md"

    assert page.read_text(encoding="utf-8") == codes_page()


def test_every_code_stands_on_the_page_once_with_its_meaning() -> None:
    page = codes_page()

    for code in GateCode:
        assert page.count(f"| `{code}` |") == 1
        assert MEANINGS[code] in page
    assert all(isinstance(_value(name), datetime) for name in ("now", "cool_down_until"))
