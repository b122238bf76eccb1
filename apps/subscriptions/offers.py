"""A plan as it is offered: its limits together with those that no plan lifts."""

from typing import NamedTuple

from django.conf import settings

from apps.common.numbers import money
from apps.subscriptions.catalogue import FEATURES
from apps.subscriptions.models import Plan
from apps.subscriptions.selectors import Entitlements, sold_plans
from trading.gates.bounds import Bounds, strictest
from trading.gates.dead_zones import needed, tradable_range
from trading.gates.sources import hard_controls, of_tier


class Offer(NamedTuple):
    """`capital` says with which an order is possible at all, for a plan that carries a tier;
    `priority` and `features` are in words."""

    plan: Plan
    trades_a_day: int
    capital: str
    priority: str
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
    bounds = _bounds_of_tier(granted)
    return "" if bounds is None else needed(bounds)


def _bounds_of_tier(granted: Entitlements) -> Bounds | None:
    """None where the plan carries no tier."""
    if granted.capital_tier is None:
        return None
    hard = hard_controls(granted.platform_plan)
    return strictest(hard, of_tier(granted.capital_tier), granted.bounds(is_live=True))


def _capital(granted: Entitlements, currency: str) -> str:
    """`it takes a capital of 285.72 to 3,750.00 USD`"""
    bounds = _bounds_of_tier(granted)
    if bounds is None:
        return ""
    least, most, is_empty = tradable_range(bounds)
    if is_empty:
        return "with no capital is an order possible"
    said = f"it takes a capital of {money(least, currency)}"
    if most is None:
        return f"{said} {currency} or more"
    return f"{said} to {money(most, currency)} {currency}"


def _offer(plan: Plan) -> Offer:
    granted = Entitlements.of(plan)
    return Offer(
        plan,
        trades_a_day(granted, settings.MOST_TRADES_A_DAY),
        _capital(granted, plan.currency),
        granted.priority.name.lower().replace("_", " "),
        # A row may name one that is not of the first catalogue.
        tuple(FEATURES.get(feature, feature.replace("_", " ")) for feature in plan.features),
    )
