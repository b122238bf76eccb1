from typing import Any

from django.conf import settings
from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.common.api import success
from apps.common.schema import Money, answers
from apps.subscriptions.models import Plan
from apps.subscriptions.offers import trades_a_day
from apps.subscriptions.selectors import (
    Entitlements,
    current_subscription,
    entitlements,
    sold_plans,
)
from trading.tiers import Priority

NONE = "Null = none."
PRIORITY = f"Of entries that wait to be sent: {', '.join(each.name for each in Priority)}."


class LimitFields(serializers.Serializer[Any]):
    allows_live = serializers.BooleanField()
    most_notional = Money(allow_null=True, help_text=f"Of one live order, in USD. {NONE}")
    positions = serializers.IntegerField(allow_null=True, help_text=NONE)
    trades_a_day = serializers.IntegerField(help_text="With the platform's own maximum.")
    requests_a_minute = serializers.IntegerField(allow_null=True, help_text=NONE)
    brokers = serializers.IntegerField(allow_null=True, help_text=NONE)


class PlanFields(serializers.Serializer[Any]):
    tier = serializers.CharField(help_text="The plan's code.")
    name = serializers.CharField()
    family = serializers.CharField()
    price_monthly = Money()
    price_yearly = Money(allow_null=True, help_text="Null = not sold by the year.")
    currency = serializers.CharField()
    capital_tier = serializers.CharField(
        allow_null=True, help_text="Whose limits it carries. Null = the equity decides."
    )
    priority = serializers.CharField(help_text=PRIORITY)
    limits = LimitFields()
    features = serializers.ListField(child=serializers.CharField())
    support = serializers.CharField()
    retention_days = serializers.IntegerField(allow_null=True, help_text=NONE)


class PlansAnswer(serializers.Serializer[Any]):
    plans = PlanFields(many=True)


class CurrentFields(serializers.Serializer[Any]):
    subscription_id = serializers.CharField(allow_null=True, help_text="Null = Free, without one.")
    tier = serializers.CharField(help_text="Of the plan that holds now.")
    name = serializers.CharField()
    status = serializers.CharField(help_text="active or past_due.")
    is_overdue = serializers.BooleanField(help_text="Entries are blocked; exits always leave.")
    started_at = serializers.DateTimeField(allow_null=True)
    past_due_since = serializers.DateTimeField(allow_null=True)
    capital_tier = serializers.CharField(allow_null=True)
    priority = serializers.CharField(help_text=PRIORITY)
    limits = LimitFields()
    features = serializers.ListField(child=serializers.CharField())


class Plans(APIView):
    @answers("subscriptionPlans", PlansAnswer)
    def get(self, request: Request) -> Response:
        """The plans that are sold: prices, limits and features."""
        return success({"plans": [_told(plan) for plan in sold_plans()]})


class Current(APIView):
    @answers("currentSubscription", CurrentFields)
    def get(self, request: Request) -> Response:
        """Which plan one has, and what it lets one do now."""
        granted = entitlements(request.user, timezone.now())
        row = current_subscription(request.user)
        return success(
            {
                "subscription_id": None if row is None else f"sub_{row.pk}",
                "tier": granted.plan,
                "name": granted.name,
                "status": "active" if row is None else row.status,
                "is_overdue": granted.is_overdue,
                "started_at": None if row is None else row.started_at,
                "past_due_since": None if row is None else row.past_due_since,
                "capital_tier": granted.capital_tier,
                "priority": granted.priority.name,
                "limits": _limits(granted),
                "features": sorted(granted.features),
            }
        )


def _told(plan: Plan) -> dict[str, object]:
    granted = Entitlements.of(plan)
    return {
        "tier": plan.code,
        "name": plan.name,
        "family": plan.family,
        "price_monthly": float(plan.monthly),
        "price_yearly": None if plan.yearly is None else float(plan.yearly),
        "currency": plan.currency,
        "capital_tier": granted.capital_tier,
        "priority": granted.priority.name,
        "limits": _limits(granted),
        "features": sorted(granted.features),
        "support": plan.support,
        "retention_days": plan.retention_days,
    }


def _limits(granted: Entitlements) -> dict[str, object]:
    limits = granted.limits
    most = limits.most_notional
    return {
        "allows_live": limits.allows_live,
        "most_notional": None if most is None else float(most),
        "positions": limits.positions,
        "trades_a_day": trades_a_day(granted, settings.MOST_TRADES_A_DAY),
        "requests_a_minute": limits.requests_a_minute,
        "brokers": granted.brokers,
    }
