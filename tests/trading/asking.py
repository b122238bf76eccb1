"""A signal that would put a part of the capital in, before all gates."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from tests.trading.examples import FREE_OF_FEES, LIMITS
from tests.trading.full_facts import ACCOUNT, BOUNDS, FACTS
from trading.decisions import Answer, Asked, decide, question_of
from trading.gates.bounds import Bounds
from trading.gates.risk_facts import NOTHING_PROVIDED, RiskFacts
from trading.gates.values import TradingState
from trading.money import ZERO
from trading.signals import Action, EntryPlan
from trading.sizing import SizingPolicy
from trading.standing import Holding, Standing

CENT_RULES = replace(
    FREE_OF_FEES, quantity_increment=Decimal("0.01"), min_quantity=ZERO, min_notional=ZERO
)
TEN_THOUSAND = Decimal(10_000)
ASKED = Asked(
    instrument=1,
    rules=CENT_RULES,
    action=Action.ENTER_LONG,
    price=Decimal(1),
    stop_price=None,
    entry_plan=EntryPlan(),
    candles_seen=51,
    is_market_open=True,
    session_end=None,
)


def answer(
    fraction: str,
    *,
    bounds: Bounds = BOUNDS,
    risk: RiskFacts = FACTS,
    capital: Decimal = Decimal(1_000),
    in_use: str = "0",
    holding: Holding | None = None,
    free_cash: Decimal | None = TEN_THOUSAND,
    **asked: Any,
) -> Answer:
    """To a signal that would put this fraction of the capital in, at a price of 1."""
    limits = replace(LIMITS, capital=capital, bounds=bounds, sizing=SizingPolicy.FRACTION)
    standing = Standing(
        is_running=True, currency="USD", limits=limits, day_pnl=ZERO, in_use=Decimal(in_use),
        holdings={} if holding is None else {1: holding},
    )  # fmt: skip
    market = replace(
        risk.market, reference_price=Decimal(1), signal_price=Decimal(1), price_now=Decimal(1),
        bid=Decimal(1), ask=Decimal(1),
    )  # fmt: skip
    question = question_of(
        ASKED._replace(size_fraction=Decimal(fraction)), standing,
        trading_state=TradingState.ACTIVE, is_symbol_allowed=True, free_cash=free_cash,
        risk=risk if risk is NOTHING_PROVIDED else replace(risk, market=market), **asked,
    )  # fmt: skip
    return decide(question)


def account(**changed: Any) -> RiskFacts:
    return replace(FACTS, account=replace(ACCOUNT, **changed))
