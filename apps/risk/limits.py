"""Which limits hold for a person: of all who may set one, the strictest."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from django.conf import settings

from apps.common.models import Mode
from apps.risk.models import RiskLimits
from apps.subscriptions.selectors import Entitlements
from trading.gates.bounds import NO_BOUNDS, Bounds, Source, bounds_of, strictest
from trading.gates.sources import PLATFORM_DEFAULTS, hard_controls, of_tier
from trading.gates.trigger_settings import SETTINGS
from trading.tiers import CapitalTier
from trading.windows import Window

NAMES = (
    "most_notional", "most_share", "positions", "trades_a_day", "consecutive_losses",
    "daily_loss", "daily_loss_money", "weekly_loss", "drawdown",
)  # fmt: skip
"""What a person may bound, as `Bounds` calls it."""
BOUNDED = tuple(item for of_cause in SETTINGS.values() for item in of_cause if item.bound)
"""The settings of triggers that are bounds of every entry as well."""


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
    what `granted` says of the account, None where that is not known."""
    return _in_force(granted, tier, own, strategy, _operator(), is_live=is_live)


class Operator(NamedTuple):
    """What the settings say: thousands share what follows from the same ones."""

    trades_a_day: int
    automatic: tuple[Decimal, ...]  # in the order of `BOUNDED`


def _operator() -> Operator:
    automatic = settings.AUTOMATIC
    return Operator(settings.MOST_TRADES_A_DAY, tuple(automatic[item.name] for item in BOUNDED))


@lru_cache(maxsize=64)
def _platform(automatic: tuple[Decimal, ...]) -> Bounds:
    """The platform's bounds with those of the triggers; 0 = none."""
    of_triggers = bounds_of(
        Source.PLATFORM,
        **{item.bound: value or None for item, value in zip(BOUNDED, automatic, strict=True)},
    )
    return replace(
        PLATFORM_DEFAULTS, **{item.bound: getattr(of_triggers, item.bound) for item in BOUNDED}
    )


@lru_cache(maxsize=4096)
def _in_force(
    granted: Entitlements,
    tier: CapitalTier | None,
    own: OwnLimits,
    strategy: Bounds,
    operator: Operator,
    *,
    is_live: bool,
) -> Bounds:
    above = (
        hard_controls(granted.platform_plan, trades_a_day=operator.trades_a_day),
        _platform(operator.automatic),
    )
    below = (granted.bounds(is_live=is_live), own.bounds, strategy)
    if tier is None:
        return strictest(*above, *below)
    untiered = None if granted.capital_tier is not None else strictest(*above, *below)
    return replace(strictest(*above, of_tier(tier), *below), untiered=untiered)
