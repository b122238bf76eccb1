"""The plans as they are first published. From then on the rows hold: a new price or limit is a new
version of a row, and nothing here is changed for it.
"""

from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from trading.plans import PLAN_LIMITS, PlanLimits, PlatformPlan
from trading.tiers import CapitalTier

PLATFORM, MULTI_ASSET, ARCHIVED = "platform", "multi_asset", "archived"
MONTHS = 12


class Feature(StrEnum):
    """Beside live trading, which is a limit."""

    MOBILE_APP = "mobile_app"
    META_AI = "meta_ai"
    MMIN = "mmin"
    ADVANCED_ANALYTICS = "advanced_analytics"
    CUSTOM_RISK_PROFILES = "custom_risk_profiles"
    TRADINGVIEW_WEBHOOKS = "tradingview_webhooks"
    GMIG = "gmig"
    API_ACCESS = "api_access"
    WHITE_LABEL = "white_label"
    MULTI_ACCOUNT = "multi_account"


FEATURES: dict[str, str] = {
    Feature.MOBILE_APP: "the mobile app",
    Feature.META_AI: "Meta-AI (breeding and choosing strategies)",
    Feature.MMIN: "multi-market intelligence (MMIN)",
    Feature.ADVANCED_ANALYTICS: "advanced analytics",
    Feature.CUSTOM_RISK_PROFILES: "risk profiles of your own",
    Feature.TRADINGVIEW_WEBHOOKS: "TradingView webhooks",
    Feature.GMIG: "global macro intelligence (GMIG)",
    Feature.API_ACCESS: "the API",
    Feature.WHITE_LABEL: "your own brand on it",
    Feature.MULTI_ACCOUNT: "several accounts",
}
"""In the words of the page of plans."""


class Listing(NamedTuple):
    """Prices in USD. None = no limit, and for `yearly`: not sold by the year."""

    code: str
    family: str
    name: str
    monthly: Decimal
    yearly: Decimal | None
    limits: PlanLimits
    brokers: int | None = None
    retention_days: int | None = None
    support: str = ""
    features: tuple[Feature, ...] = ()
    tier: CapitalTier | None = None

    @property
    def columns(self) -> dict[str, object]:
        """Of the first version of its row."""
        return {
            **self.limits._asdict(),
            "code": self.code,
            "family": self.family,
            "name": self.name,
            "monthly": self.monthly,
            "yearly": self.yearly,
            "brokers": self.brokers,
            "retention_days": self.retention_days,
            "support": self.support,
            "features": [feature.value for feature in self.features],
            "capital_tier": "" if self.tier is None else self.tier.value,
            "is_sold": self.family != ARCHIVED,
        }


_BASIC = (Feature.MOBILE_APP,)
_PRO = (
    *_BASIC, Feature.META_AI, Feature.MMIN, Feature.ADVANCED_ANALYTICS,
    Feature.CUSTOM_RISK_PROFILES, Feature.TRADINGVIEW_WEBHOOKS,
)  # fmt: skip
_ENTERPRISE = (
    *_PRO, Feature.GMIG, Feature.API_ACCESS, Feature.WHITE_LABEL, Feature.MULTI_ACCOUNT,
)  # fmt: skip


def _platform(
    plan: PlatformPlan, monthly: int, yearly: int, brokers: int | None, days: int | None,
    support: str, features: tuple[Feature, ...] = (),
) -> Listing:  # fmt: skip
    return Listing(
        plan.value, PLATFORM, plan.value.title(), Decimal(monthly), Decimal(yearly),
        PLAN_LIMITS[plan], brokers, days, support, features,
    )  # fmt: skip


def _multi_asset(tier: CapitalTier, monthly: int) -> Listing:
    """A year is twelve months, and what may be risked is the tier's to say."""
    none_of_its_own = PlanLimits(True, None, None, None, None)  # noqa: FBT003
    price = Decimal(monthly)
    return Listing(
        f"multi_asset_{tier.value}", MULTI_ASSET, tier.value.title(), price, price * MONTHS,
        none_of_its_own, tier=tier,
    )  # fmt: skip


def _archived(
    plan: PlatformPlan, monthly: int, most: int | None, positions: int, brokers: int | None,
    requests: int,
) -> Listing:  # fmt: skip
    notional = None if most is None else Decimal(most)
    limits = PlanLimits(True, notional, positions, None, requests)  # noqa: FBT003
    return Listing(
        f"archived_{plan.value}", ARCHIVED, f"{plan.value.title()} (older list)",
        Decimal(monthly), None, limits, brokers,
    )  # fmt: skip


CATALOGUE = (
    _platform(PlatformPlan.FREE, 0, 0, 1, 30, "community, within 72 hours"),
    _platform(PlatformPlan.BASIC, 49, 470, 2, 90, "email, within 48 hours", _BASIC),
    _platform(PlatformPlan.PRO, 149, 1_430, 5, 365, "within 24 hours", _PRO),
    _platform(
        PlatformPlan.ENTERPRISE, 499, 4_790, None, None, "agreed, within 4 hours", _ENTERPRISE
    ),
    _multi_asset(CapitalTier.STARTER, 19),
    _multi_asset(CapitalTier.SAVER, 49),
    _multi_asset(CapitalTier.INVESTOR, 99),
    _multi_asset(CapitalTier.INCOME, 249),
    _multi_asset(CapitalTier.LIVABLE, 499),
    _multi_asset(CapitalTier.BALLER, 999),
    _archived(PlatformPlan.BASIC, 29, 50, 3, 2, 60),
    _archived(PlatformPlan.PRO, 99, 200, 10, 5, 300),
    _archived(PlatformPlan.ENTERPRISE, 299, None, 50, None, 1_000),
)
FREE = CATALOGUE[0]
