"""What a plan of the platform family lets its owner trade. Prices and the rest of a plan are rows;
these are the bounds that gates ask about."""

from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple


class PlatformPlan(StrEnum):
    FREE = "free"
    BASIC = "basic"
    PRO = "pro"
    ENTERPRISE = "enterprise"


class PlanLimits(NamedTuple):
    """`most_notional` is of one order in USD and binds live orders only; `requests_a_minute` is of
    the API. None = this plan sets no such limit."""

    allows_live: bool
    most_notional: Decimal | None
    positions: int | None
    trades_a_day: int | None
    requests_a_minute: int | None


# The published catalogue. Free is for paper only: nothing may be ordered with real money.
PLAN_LIMITS = {
    PlatformPlan.FREE: PlanLimits(False, Decimal(0), 3, 10, 10),  # noqa: FBT003
    PlatformPlan.BASIC: PlanLimits(True, Decimal(500), 5, 30, 30),  # noqa: FBT003
    PlatformPlan.PRO: PlanLimits(True, Decimal(2_000), 10, 100, 100),  # noqa: FBT003
    PlatformPlan.ENTERPRISE: PlanLimits(True, Decimal(10_000), 50, 500, 500),  # noqa: FBT003
}
