from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import F, FilteredRelation, Q

from apps.subscriptions.catalogue import CATALOGUE, FREE
from apps.subscriptions.models import Plan, Subscription
from trading.gates.bounds import Bounds
from trading.gates.sources import of_plan_limits
from trading.plans import PlanLimits, PlatformPlan
from trading.tiers import PRIORITIES, CapitalTier, Priority, tier_of

# Days of grace after a payment that failed, inclusive. Retries are on days 1, 3, 5 and 7.
ENTRIES_BLOCKED_AFTER = timedelta(days=3)
FREE_AFTER = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Entitlements:
    """What a person's plan lets them do. `capital_tier` is the plan's own, where it has one; else
    the account's equity decides. `is_overdue`: nothing is entered until they have paid."""

    plan: str
    name: str
    limits: PlanLimits
    features: frozenset[str]
    capital_tier: CapitalTier | None = None
    brokers: int | None = None
    is_overdue: bool = False

    @classmethod
    def of(cls, row: Plan, *, is_overdue: bool = False) -> "Entitlements":
        return cls(
            plan=row.code,
            name=row.name,
            limits=row.limits,
            features=frozenset(row.features),
            capital_tier=CapitalTier(row.capital_tier) if row.capital_tier else None,
            brokers=row.brokers,
            is_overdue=is_overdue,
        )

    @property
    def allows_live(self) -> bool:
        return self.limits.allows_live

    @property
    def platform_plan(self) -> PlatformPlan | None:
        """As the hard controls ask for it; None = of another family."""
        return PlatformPlan(self.plan) if self.plan in _PLATFORM_PLANS else None

    @property
    def priority(self) -> Priority:
        """Of entries that wait to be sent. It goes with the tier that is paid for."""
        if self.capital_tier is None:
            return Priority.NORMAL
        return PRIORITIES.get(self.capital_tier, Priority.NORMAL)

    def tier(self, equity: Decimal) -> CapitalTier:
        """Of an account that is worth so much."""
        return self.capital_tier or tier_of(equity)

    def bounds(self, *, is_live: bool) -> Bounds:
        return of_plan_limits(self.limits, is_live=is_live)


_PLATFORM_PLANS = frozenset(PlatformPlan)
_FREE = Entitlements(
    FREE.code, FREE.name, FREE.limits, frozenset(FREE.features), brokers=FREE.brokers
)


def entitlements(user: Any, now: datetime) -> Entitlements:
    return entitlements_of([user.pk], now)[user.pk]


def entitlements_of(user_ids: Collection[int], now: datetime) -> dict[int, Entitlements]:
    """Of each of them, in one query. Whoever has no plan, or has not paid for longer than the days
    of grace, has Free as it is sold now."""
    ids = list(user_ids)
    held = FilteredRelation(
        "subscriptions",
        condition=Q(subscriptions__user_id__any_of=ids, subscriptions__ended_at=None),
    )
    rows = (
        Plan.objects.annotate(
            held=held, holder=F("held__user_id"), past_due_since=F("held__past_due_since")
        )
        .filter(Q(holder__isnull=False) | Q(code=FREE.code, is_sold=True))
        .order_by("id")
    )
    free, found = _FREE, dict[int, Entitlements]()
    made: dict[tuple[int, bool], Entitlements] = {}
    for row in rows:
        if row.code == FREE.code and row.is_sold:
            free = Entitlements.of(row)
        since = row.past_due_since
        if row.holder is None or (since is not None and now - since >= FREE_AFTER):
            continue
        is_overdue = since is not None and now - since >= ENTRIES_BLOCKED_AFTER
        key = (row.pk, is_overdue)
        if key not in made:
            made[key] = Entitlements.of(row, is_overdue=is_overdue)
        found[row.holder] = made[key]
    return {pk: found.get(pk, free) for pk in ids}


def priorities_of(user_ids: Collection[int]) -> dict[int, Priority]:
    """Of those whose plan carries a tier; of everybody else it is NORMAL."""
    held = Subscription.objects.filter(user_id__any_of=list(user_ids), ended_at=None)
    tiers = held.exclude(plan__capital_tier="").values_list("user_id", "plan__capital_tier")
    return {pk: PRIORITIES.get(CapitalTier(tier), Priority.NORMAL) for pk, tier in tiers}


def offered() -> dict[str, Entitlements]:
    """What each plan lets its owner do, by its code, as it is sold now or was last."""
    rows = Plan.objects.order_by("code", "is_sold", "version")  # the last of a code stays
    return {row.code: Entitlements.of(row) for row in rows}


def published() -> dict[str, Entitlements]:
    """As they were first published, for who asks without a database."""
    return {
        each.code: Entitlements(
            each.code, each.name, each.limits, frozenset(each.features), each.tier, each.brokers
        )
        for each in CATALOGUE
    }


def sold_plans() -> Sequence[Plan]:
    """What can be bought, family by family, the cheapest first."""
    rows = Plan.objects.filter(is_sold=True)
    return sorted(rows, key=lambda plan: (plan.family != Plan.Family.PLATFORM, plan.monthly))


def current_subscription(user: Any) -> Subscription | None:
    """None = Free, without a row."""
    rows = Subscription.objects.of(user).filter(ended_at=None).select_related("plan")
    found: Subscription | None = rows.first()
    return found
