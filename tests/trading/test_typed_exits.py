"""How much of a position leaves: all that is held, or as much of it as somebody named."""

from dataclasses import replace
from decimal import Decimal

import pytest

from tests.trading.examples import FREE_OF_FEES, LIMITS
from trading.decisions import Answer, Asked, decide, question_of
from trading.gates.values import Outcome, TradingState
from trading.money import ZERO
from trading.signals import Action, EntryPlan
from trading.standing import Holding, Standing

RULES = replace(FREE_OF_FEES, quantity_increment=Decimal("0.1"), min_quantity=Decimal(1))


def leave(wanted: str | None, held: str = "5.25", leaving: str = "0") -> Answer:
    asked = Asked(
        instrument=1, rules=RULES, action=Action.EXIT_LONG, price=Decimal(10), stop_price=None,
        entry_plan=EntryPlan(), candles_seen=0, is_market_open=True, session_end=None,
    )  # fmt: skip
    standing = Standing(
        is_running=True, currency="USD", limits=LIMITS, day_pnl=ZERO, in_use=ZERO,
        holdings={1: Holding(Decimal(held), Decimal(held) * 10, leaving=Decimal(leaving))},
    )  # fmt: skip
    typed = None if wanted is None else Decimal(wanted)
    question = question_of(
        asked, standing, trading_state=TradingState.HALTED, is_symbol_allowed=False,
        free_cash=ZERO, wanted=typed, is_typed=typed is not None,
    )  # fmt: skip
    return decide(question)


@pytest.mark.parametrize(
    ("wanted", "leaves"),
    [
        (None, "5.25"),
        ("100", "5.25"),
        ("5.25", "5.25"),
        ("5.249", "5.2"),  # rounded down to the step
        ("0.1", "0.1"),  # an exit is asked for no least size
    ],
)
def test_no_more_than_is_held_leaves(wanted: str | None, leaves: str) -> None:
    found = leave(wanted)
    assert (found.outcome, found.intent.quantity) == (Outcome.ORDERED, Decimal(leaves))
    assert found.intent.cost == 0


@pytest.mark.parametrize(
    ("wanted", "leaving", "leaves"),
    [
        ("3", "3", "2.25"),  # what is on its way already cannot leave twice
        ("2", "3", "2"),
        ("100", "5", "0.25"),
        (None, "3", "5.25"),  # an exit of the whole takes what a part that fails leaves behind
    ],
)
def test_a_named_size_is_of_what_is_not_leaving_yet(
    wanted: str | None, leaving: str, leaves: str
) -> None:
    found = leave(wanted, leaving=leaving)
    assert (found.outcome, found.intent.quantity) == (Outcome.ORDERED, Decimal(leaves))


@pytest.mark.parametrize("wanted", ["1", None])
def test_where_parts_that_leave_are_the_whole_nothing_more_leaves(wanted: str | None) -> None:
    found = leave(wanted, leaving="5.25")
    assert (found.outcome, found.code) == (Outcome.SKIPPED, "EXIT_ALREADY_WORKING")


def test_a_named_size_closes_nothing_where_nothing_is_held() -> None:
    assert (leave("1", "0").outcome, leave("1", "0").code) == (Outcome.SKIPPED, "NO_POSITION")
