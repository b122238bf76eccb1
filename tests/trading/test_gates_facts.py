"""Facts that are kept true in memory while one decision follows the other."""

from dataclasses import replace
from decimal import Decimal

import pytest

from tests.trading.asking import answer
from tests.trading.full_facts import ACCOUNT, FACTS, INSTRUMENT
from trading.gates.codes import GateCode
from trading.gates.risk_facts import NOT_PROVIDED, AccountFacts
from trading.gates.values import Outcome


def test_what_was_ordered_counts_for_the_next_decision() -> None:
    after = ACCOUNT.after_entry(Decimal(50))

    assert (after.available, after.exposure) == (Decimal(950), Decimal(50))
    assert (after.open_positions, after.trades_today, after.messages) == (2, 1, 1)
    assert INSTRUMENT.after_entry(Decimal(50)).class_exposure == 50
    assert replace(ACCOUNT, trades_today=None).after_entry(Decimal(1)).trades_today is None


def test_a_position_that_is_left_makes_room() -> None:
    after = ACCOUNT.after_exit(Decimal(50))

    assert (after.available, after.exposure) == (Decimal(1_050), Decimal(-50))
    assert (after.open_positions, after.trades_today) == (0, 0)


def test_after_a_bad_week_a_person_may_have_half_of_what_is_allowed() -> None:
    lost = replace(FACTS, account=replace(ACCOUNT, week_pnl=Decimal(-80)))
    at, above = (
        answer("0", wanted=Decimal(size), is_typed=True, risk=lost) for size in ("35", "35.01")
    )

    assert (at.outcome, at.intent.quantity) == (Outcome.ORDERED, Decimal(35))
    assert (above.outcome, above.code) == (Outcome.DENIED, GateCode.SIZE_ABOVE_CAP)


def test_what_is_never_provided_stays_so() -> None:
    nothing = AccountFacts()

    assert nothing.after_entry(Decimal(50)) == nothing == nothing.after_exit(Decimal(50))
    assert nothing.exposure is NOT_PROVIDED


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity"])
@pytest.mark.parametrize("wanted", ["35", "NaN", "Infinity", "0", "-1"])
def test_what_a_person_typed_is_never_ordered_without_knowing_the_cash(
    value: str, wanted: str
) -> None:
    found = answer("0", wanted=Decimal(wanted), is_typed=True, free_cash=Decimal(value))

    assert found.outcome is Outcome.DENIED


@pytest.mark.parametrize("wanted", ["NaN", "Infinity", "-Infinity", "0", "-1"])
def test_a_typed_size_that_is_none_is_never_ordered(wanted: str) -> None:
    assert answer("0", wanted=Decimal(wanted), is_typed=True).outcome is Outcome.DENIED
