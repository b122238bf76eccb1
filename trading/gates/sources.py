"""What each source bounds, as `Bounds`; `strictest` puts them together."""

from datetime import timedelta
from decimal import Decimal
from functools import lru_cache

from trading.gates.bounds import Bounds, Source, bounds_of
from trading.gates.volatility import BLACK_SWAN
from trading.plans import PLAN_LIMITS, PlanLimits, PlatformPlan
from trading.tiers import TIER_LIMITS, CapitalTier

# The hard controls: an order is worth 2 to 10 percent of the account, and never more than 10,000,
# whatever the settings say. (15 percent, the absolute limit beside 10, is never reached.)
LEAST_SHARE = Decimal("0.02")
MOST_SHARE = Decimal("0.10")
ABSOLUTE_NOTIONAL = Decimal(10_000)
HARD_DRAWDOWN = Decimal("0.20")
API_ERRORS = 5
TRADES_A_DAY = 100
TRADES_A_DAY_ENTERPRISE = 500
COOL_DOWN = timedelta(hours=1)  # after a position was closed by hand
CANCELS_KEEP = Decimal("0.20")
"""Of the message rate: entries never take it, so that an order can always be cancelled."""


@lru_cache(maxsize=64)
def hard_controls(plan: PlatformPlan | None = None, *, trades_a_day: int = TRADES_A_DAY) -> Bounds:
    """`trades_a_day` is a setting; Enterprise has trades of its own."""
    is_enterprise = plan is PlatformPlan.ENTERPRISE
    return bounds_of(
        Source.HARD,
        least_share=LEAST_SHARE,
        most_share=MOST_SHARE,
        most_notional=ABSOLUTE_NOTIONAL,
        trades_a_day=TRADES_A_DAY_ENTERPRISE if is_enterprise else trades_a_day,
        drawdown=HARD_DRAWDOWN,
        api_errors=API_ERRORS,
        black_swan=BLACK_SWAN,
    )


@lru_cache(maxsize=16)
def of_tier(tier: CapitalTier) -> Bounds:
    row = TIER_LIMITS[tier]
    return bounds_of(
        Source.TIER,
        most_share=row.most_share,
        daily_loss=row.daily_loss,
        drawdown=row.drawdown,
        account_positions=row.positions,
        volatility=row.volatility,
        least_notional=row.least_notional,
        most_notional=row.most_notional,
    )


def of_plan(plan: PlatformPlan, *, is_live: bool) -> Bounds:
    """Of the published catalogue."""
    return of_plan_limits(PLAN_LIMITS[plan], is_live=is_live)


@lru_cache(maxsize=64)
def of_plan_limits(row: PlanLimits, *, is_live: bool) -> Bounds:
    """Its limits of money bind live orders only. A plan without live trading sets none: that it
    forbids live trading is a gate of its own, and clearer than an order of nothing."""
    requests = row.requests_a_minute
    return bounds_of(
        Source.PLAN,
        most_notional=row.most_notional if is_live and row.allows_live else None,
        positions=row.positions,
        trades_a_day=row.trades_a_day,
        messages=None if requests is None else requests * (1 - CANCELS_KEEP),
    )


# The operator's settings where none are given. Losses: automatic triggers of the kill switch;
# exposure: guardrails of the published risk policy; collars and ages: pre-trade controls; drift: as
# a copied price may run away at most; spread: the guard of APEX v7.2.
PLATFORM_DEFAULTS = bounds_of(
    Source.PLATFORM,
    daily_loss=Decimal("0.03"),
    weekly_loss_halves=Decimal("0.08"),
    weekly_loss=Decimal("0.10"),
    consecutive_losses=5,
    market_collar=Decimal("0.02"),
    limit_collar=Decimal("0.05"),
    drift=Decimal("0.02"),
    spread=Decimal("0.001"),
    candle_age=2,
    signal_age=60,
    exposure=Decimal("0.80"),
    correlated=Decimal("0.25"),
)
