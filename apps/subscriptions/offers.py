"""A plan as it is offered: its limits together with those that no plan lifts."""

from typing import NamedTuple

from django.conf import settings

from apps.subscriptions.models import Plan
from apps.subscriptions.selectors import Entitlements, sold_plans
from trading.gates.bounds import strictest
from trading.gates.dead_zones import needed
from trading.gates.sources import hard_controls, of_tier


class Offer(NamedTuple):
    """`capital` is with which an order is possible at all, for a plan that carries a tier."""

    plan: Plan
    trades_a_day: int
    capital: str
    features: tuple[str, ...]


def offers(family: str) -> list[Offer]:
    found = (plan for plan in sold_plans() if plan.family == family)
    return [_offer(plan) for plan in found]


def trades_a_day(granted: Entitlements, setting: int) -> int:
    """The plan's, or the platform's where that is less or the plan sets none."""
    bound = strictest(
        hard_controls(granted.platform_plan, trades_a_day=setting), granted.bounds(is_live=True)
    ).trades_a_day
    assert bound is not None  # the hard controls always set one
    return int(bound.value)


def tradable_capital(granted: Entitlements) -> str:
    """In which capital an order is possible: `285.72 to 3750`; empty where the equity decides on
    the tier, and so on the limits."""
    if granted.capital_tier is None:
        return ""
    hard = hard_controls(granted.platform_plan)
    return needed(strictest(hard, of_tier(granted.capital_tier), granted.bounds(is_live=True)))


def _offer(plan: Plan) -> Offer:
    granted = Entitlements.of(plan)
    return Offer(
        plan,
        trades_a_day(granted, settings.MOST_TRADES_A_DAY),
        tradable_capital(granted),
        tuple(feature.replace("_", " ") for feature in plan.features),
    )
