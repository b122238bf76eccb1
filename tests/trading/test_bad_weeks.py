"""A week that has lost so much halves what would be ordered."""

from dataclasses import replace
from decimal import Decimal

import pytest

from tests.trading.asking import account, answer
from trading.gates.bounds import Source, bounds_of, strictest
from trading.gates.codes import GateCode
from trading.gates.sources import hard_controls, of_tier
from trading.gates.values import Outcome
from trading.money import ZERO
from trading.tiers import CapitalTier

C = GateCode
HALVES = bounds_of(Source.PLATFORM, weekly_loss_halves=Decimal("0.08"))
BAD = account(week_pnl=Decimal(-80))


def test_a_weekly_loss_just_below_its_first_limit_halves_nothing() -> None:
    assert answer("0.05", risk=account(week_pnl=Decimal("-79.99"))).intent.quantity == 50


def test_where_nothing_is_left_the_week_is_not_blamed() -> None:
    found = answer("0.05", risk=account(week_pnl=Decimal(-80), exposure=Decimal(801)))

    assert (found.intent.quantity, found.sized_down_by) == (ZERO, "EXPOSURE:platform")


def test_half_of_a_size_can_be_less_than_the_least_that_one_may_be() -> None:
    """Hard limits win: with 2 percent of 1,000 at least, half of 39 is not ordered."""
    assert answer("0.039", risk=BAD).code == C.NOTIONAL_BELOW_MINIMUM
    assert answer("0.04", risk=BAD).intent.quantity == 20


@pytest.mark.parametrize(
    ("tier", "equity", "is_ordered"),
    [
        (CapitalTier.SAVER, "199.99", False), (CapitalTier.SAVER, "200", True),
        (CapitalTier.INVESTOR, "571", False), (CapitalTier.INVESTOR, "571.43", True),
        (CapitalTier.INCOME, "1199", False), (CapitalTier.INCOME, "1200", True),
        (CapitalTier.INCOME, "3750", True), (CapitalTier.INCOME, "3751", False),
        (CapitalTier.LIVABLE, "12500", True), (CapitalTier.LIVABLE, "12501", False),
        (CapitalTier.BALLER, "25000", False), (CapitalTier.BALLER, "100000", False),
    ],
)  # fmt: skip
def test_which_accounts_a_bad_week_leaves_an_order(
    tier: CapitalTier, equity: str, *, is_ordered: bool
) -> None:
    """Those of docs/decisions/0011."""
    owns = Decimal(equity)
    bounds = strictest(hard_controls(), of_tier(tier), HALVES)
    risk = account(
        equity=owns, available=owns, peak_equity=owns, start_of_day_equity=owns,
        start_of_week_equity=owns, week_pnl=owns * Decimal("-0.08"),
    )  # fmt: skip
    risk = replace(risk, instrument=replace(risk.instrument, class_budget=owns))
    found = answer("1", bounds=bounds, risk=risk, capital=owns, free_cash=10 * owns)

    assert (found.outcome is Outcome.ORDERED) is is_ordered
    assert found.sized_down_by == "WEEKLY_LOSS:platform"


def test_in_a_bad_week_half_of_what_is_allowed_may_be_typed() -> None:
    at = answer("0", risk=BAD, wanted=Decimal(35), is_typed=True)
    above = answer("0", risk=BAD, wanted=Decimal(36), is_typed=True)

    assert (at.outcome, at.intent.quantity) == (Outcome.ORDERED, Decimal(35))
    assert above.code == C.SIZE_ABOVE_CAP
    typed = next(item for item in above.verdicts if item.gate == 18)
    assert (typed.limit, typed.source) == ("35", "WEEKLY_LOSS:platform")
