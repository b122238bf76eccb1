"""Which limits hold for a person: of all who may set one, the strictest."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings

from apps.common.models import Mode
from apps.risk.models import RiskLimits
from apps.subscriptions.selectors import Entitlements
from trading.gates.bounds import NO_BOUNDS, Bounds, Source, bounds_of, strictest
from trading.gates.sources import PLATFORM_DEFAULTS, hard_controls, of_tier
from trading.tiers import CapitalTier
from trading.windows import Window

NAMES = (
    "most_notional", "most_share", "positions", "trades_a_day", "consecutive_losses",
    "daily_loss", "daily_loss_money", "weekly_loss", "drawdown",
)  # fmt: skip
"""What a person may bound, as `Bounds` calls it."""


@dataclass(frozen=True, slots=True)
class OwnLimits:
    """A person's own. `symbols` None = every one, `window` None = at any time."""

    bounds: Bounds = NO_BOUNDS
    symbols: frozenset[str] | None = None
    window: Window | None = None

    def allows(self, symbol: str) -> bool:
        return self.symbols is None or symbol in self.symbols


NO_LIMITS = OwnLimits()


def own_limits_of(user_ids: Collection[int], mode: Mode) -> dict[int, OwnLimits]:
    """Of each of them, in one query; `NO_LIMITS` for who has set none."""
    rows = RiskLimits.objects.filter(user_id__any_of=list(user_ids), mode=mode)
    found = {
        user_id: OwnLimits(
            bounds_of(Source.USER, **dict(zip(NAMES, values, strict=True))),
            None if symbols is None else frozenset(symbols),
            None if days is None else Window.of(days, opens, closes),
        )
        for user_id, symbols, days, opens, closes, *values in rows.values_list(
            "user_id", "symbols", "window_days", "window_opens", "window_closes", *NAMES
        )
    }
    return {user_id: found.get(user_id, NO_LIMITS) for user_id in user_ids}


def bounds_in_force(
    granted: Entitlements,
    tier: CapitalTier | None,
    own: OwnLimits = NO_LIMITS,
    *,
    is_live: bool,
    strategy: Bounds = NO_BOUNDS,
) -> Bounds:
    """Of hard controls, platform, capital tier, plan, person and strategy the strictest. `tier` is
    that of the account's equity, None where that is not known; a plan that carries one of its own
    puts that in its place."""
    tier = granted.capital_tier or tier
    return _in_force(granted, tier, own, strategy, settings.MOST_TRADES_A_DAY, is_live=is_live)


@lru_cache(maxsize=4096)
def _in_force(
    granted: Entitlements,
    tier: CapitalTier | None,
    own: OwnLimits,
    strategy: Bounds,
    trades_a_day: int,
    *,
    is_live: bool,
) -> Bounds:
    return strictest(
        hard_controls(granted.platform_plan, trades_a_day=trades_a_day),
        PLATFORM_DEFAULTS,
        NO_BOUNDS if tier is None else of_tier(tier),
        granted.bounds(is_live=is_live),
        own.bounds,
        strategy,
    )
