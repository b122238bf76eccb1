"""An entry that takes the place of a position which is being left."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from tests.trading.examples import FREE_OF_FEES, LIMITS
from trading.decisions import Answer, Asked, decide, question_of
from trading.gates.bounds import Source, bounds_of
from trading.gates.codes import GateCode
from trading.gates.risk_facts import AccountFacts, MarketFacts
from trading.gates.values import Outcome, TradingState
from trading.instruments import AssetClass
from trading.money import ZERO
from trading.rooms import Room, Stake
from trading.signals import Action, EntryPlan
from trading.sizing import SizingPolicy
from trading.standing import Holding, Standing

D = Decimal
EQUITY = D(10_000)
NOW = MarketFacts(now=datetime(2026, 6, 2, tzinfo=UTC))
SHORT = Asked(
    1, replace(FREE_OF_FEES, is_shortable=True), Action.ENTER_SHORT, D(200), None, EntryPlan(), 51,
    is_market_open=True, session_end=None, size_fraction=D("0.3"),
)  # fmt: skip
BY_ALL = {"exposure": D("0.8")}
BY_KIND = {"correlated": D("0.8")}


def turned(held: Holding, others: str, *, at_most: int = 10, **bounds: Decimal) -> Answer:
    """Three tenths of 10,000 short at 200, where `others` is what other subscriptions have."""
    here = Room()
    here.stakes = {
        1: Stake(AssetClass.CRYPTO, held.quantity * SHORT.price, {7: held.quantity}),
        2: Stake(AssetClass.CRYPTO, D(others), {9: D(5)}),
    }
    exposure = here.exposure
    assert exposure is not None
    here.account = AccountFacts(
        equity=EQUITY,
        exposure=exposure,
        available=EQUITY - exposure,
        open_positions=2,
        users_positions=2,
    )
    standing = Standing(
        is_running=True, currency="USD", day_pnl=ZERO, in_use=held.cost, holdings={1: held},
        limits=replace(
            LIMITS, capital=EQUITY, sizing=SizingPolicy.FRACTION, max_positions=at_most,
            bounds=bounds_of(Source.PLATFORM, **bounds),
        ),
    )  # fmt: skip
    question = question_of(
        SHORT, standing, trading_state=TradingState.ACTIVE, is_symbol_allowed=True,
        free_cash=EQUITY, risk=here.facts(SHORT, 7, NOW, frozenset()),
    )  # fmt: skip
    return decide(question)


@pytest.mark.parametrize("bounds", [BY_ALL, BY_KIND], ids=["exposure", "correlated"])
@pytest.mark.parametrize(
    ("cost", "others"), [("4000", "7500"), ("100", "7500")], ids=["it lost", "it won"]
)
def test_what_is_left_makes_room_for_what_it_is_worth_and_not_for_what_it_cost(
    cost: str, others: str, bounds: dict[str, Any]
) -> None:
    """Worth 1,000: with 7,500 of others and a most of 8,000, there is room for 500."""
    answer = turned(Holding(D(5), D(cost), leaving=D(5)), others, **bounds)

    assert (answer.outcome, answer.code) == (Outcome.ORDERED, "")
    assert answer.intent.notional == D(500)


def test_dust_that_is_left_is_one_position_less_nowhere() -> None:
    dust = Holding(D("0.001"), D("0.2"), leaving=D("0.001"), is_dust=True)
    whole = replace(dust, is_dust=False)

    assert turned(dust, "1000", at_most=0).code == GateCode.MAX_POSITIONS
    assert turned(dust, "1000", at_most=1).outcome is Outcome.ORDERED
    assert turned(whole, "1000", at_most=1).outcome is Outcome.ORDERED
    assert turned(dust, "1000", positions=D(2)).code == GateCode.USER_MAX_POSITIONS
