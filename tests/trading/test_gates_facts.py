"""Facts that are kept true in memory while one decision follows the other."""

from dataclasses import replace
from decimal import Decimal

from tests.trading.full_facts import ACCOUNT, INSTRUMENT
from trading.gates.risk_facts import NOT_PROVIDED, AccountFacts


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


def test_what_is_never_provided_stays_so() -> None:
    nothing = AccountFacts()

    assert nothing.after_entry(Decimal(50)) == nothing == nothing.after_exit(Decimal(50))
    assert nothing.exposure is NOT_PROVIDED
