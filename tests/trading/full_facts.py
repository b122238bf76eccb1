"""An account of 1,000 about which everything is known and nothing speaks against an order."""

from dataclasses import fields, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from tests.trading.examples import LIMITS, MONDAY, SNAPSHOT
from trading.gates.bounds import Source, bounds_of, strictest
from trading.gates.risk_facts import (
    AccessFacts,
    AccountFacts,
    InstrumentFacts,
    MarketFacts,
    Mode,
    RiskFacts,
)
from trading.gates.sources import PLATFORM_DEFAULTS, hard_controls, of_plan, of_tier
from trading.gates.values import Snapshot
from trading.plans import PlatformPlan
from trading.tiers import CapitalTier

THOUSAND = Decimal(1_000)
ACCOUNT = AccountFacts(
    equity=THOUSAND,
    available=THOUSAND,
    exposure=Decimal(0),
    peak_equity=THOUSAND,
    start_of_day_equity=THOUSAND,
    start_of_week_equity=THOUSAND,
    day_pnl=Decimal(0),
    week_pnl=Decimal(0),
    lost_today=Decimal(0),
    open_positions=1,
    users_positions=1,
    trades_today=0,
    consecutive_losses=0,
    api_errors=0,
    messages=0,
)
INSTRUMENT = InstrumentFacts(
    correlated_exposure=Decimal(0),
    class_exposure=Decimal(0),
    class_budget=Decimal(400),
    opposite=Decimal(0),
    same_orders=0,
    cool_down_until=MONDAY,
)
MARKET = MarketFacts(
    now=MONDAY + timedelta(hours=1),
    volatility=Decimal(45),
    reference_price=Decimal(100),
    signal_price=Decimal(100),
    price_now=Decimal(100),
    bid=Decimal("99.98"),
    ask=Decimal("100.02"),
    candle_age=Decimal(0),
    signal_age=Decimal(1),
    is_regime_blocked=False,
)
ACCESS = AccessFacts(
    mode=Mode.LIVE, plan_allows_live=True, is_payment_overdue=False, is_in_window=True
)
FACTS = RiskFacts(ACCOUNT, INSTRUMENT, MARKET, ACCESS)
BOUNDS = strictest(
    hard_controls(PlatformPlan.PRO),
    PLATFORM_DEFAULTS,
    of_tier(CapitalTier.INVESTOR),
    of_plan(PlatformPlan.PRO, is_live=True),
    bounds_of(Source.USER, daily_loss_money=50),
    bounds_of(Source.STRATEGY, strategy_share=Decimal("0.80")),
)
FULL = replace(SNAPSHOT, risk=FACTS)
FULL_LIMITS = replace(LIMITS, bounds=BOUNDS)


def told(**changed: Any) -> Snapshot:
    """The same account with some facts changed, whichever group they are in."""
    left = dict(changed)
    groups = [_changed(group, left) for group in (ACCOUNT, INSTRUMENT, MARKET, ACCESS)]
    assert not left, f"no such facts: {left}"
    return replace(FULL, risk=RiskFacts(*groups))


def _changed(group: Any, left: dict[str, Any]) -> Any:
    here = {item.name: left.pop(item.name) for item in fields(group) if item.name in left}
    return replace(group, **here)
