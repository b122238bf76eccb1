from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.asking import user_of
from apps.common.api import asked, success
from apps.common.paging import CursorQuestion, after_cursor
from apps.common.schema import Money, answers, lists
from apps.strategies import services as strategies
from apps.strategies.models import StrategySubscription
from apps.strategies.selectors import subscriptions
from trading.gates.execution_mode import ExecutionMode

EXECUTIONS = [str(each) for each in ExecutionMode]
INHERITED = "Null = as the version says."


class SubscriptionFields(serializers.Serializer[Any]):
    id = serializers.IntegerField(source="pk")
    strategy = serializers.CharField(source="version.strategy.code")
    version = serializers.CharField(source="version.number")
    timeframe = serializers.CharField(source="version.timeframe")
    venue = serializers.CharField(source="account.venue_id")
    account = serializers.IntegerField(source="account_id")
    account_name = serializers.CharField(source="account.name")
    mode = serializers.CharField()
    execution = serializers.ChoiceField(
        choices=EXECUTIONS,
        help_text="Of entries: watch (receipts only), approve (each waits for you), automatic. "
        "Exits always leave.",
    )
    capital = Money(allow_null=True, help_text=INHERITED)
    risk_per_trade = Money(allow_null=True, help_text=INHERITED)
    leverage = Money(allow_null=True, help_text=INHERITED)
    max_positions = serializers.IntegerField(allow_null=True, help_text=INHERITED)
    max_daily_loss = Money(allow_null=True, help_text=INHERITED)
    is_paused = serializers.BooleanField()
    created_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)


class ChangedExecution(serializers.Serializer[Any]):
    execution = serializers.ChoiceField(choices=EXECUTIONS)


class Subscriptions(APIView):
    @lists("subscriptions", SubscriptionFields, asks=CursorQuestion)
    def get(self, request: Request) -> Response:
        """Which strategies one follows, or has followed; newest first."""
        said = asked(CursorQuestion(data=request.query_params))
        rows = subscriptions(request.user)
        found, pagination = after_cursor(rows, per_page=said["per_page"], cursor=said.get("cursor"))
        shown = SubscriptionFields(found, many=True).data
        return success({"subscriptions": shown, "pagination": pagination})


class Subscription(APIView):
    @answers("subscription", SubscriptionFields, also=[404])
    def get(self, request: Request, subscription: int) -> Response:
        """One of one's own."""
        return success(SubscriptionFields(_own(request.user, subscription)).data)

    @answers("change_subscription", SubscriptionFields, sends=ChangedExecution, also=[404, 409])
    def patch(self, request: Request, subscription: int) -> Response:
        """Who places its entries, from the next signal on. What waits for approval goes on
        waiting, and is not ordered where it only watches by then.
        """
        found = _own(request.user, subscription)
        said = asked(ChangedExecution(data=request.data))
        mode, now = ExecutionMode(said["execution"]), timezone.now()
        strategies.set_execution(found, mode, now=now, by=user_of(request).pk)
        return success(SubscriptionFields(_own(request.user, subscription)).data)


def _own(user: Any, pk: int) -> StrategySubscription:
    """Raises NotFound."""
    found = subscriptions(user).filter(pk=pk).first()
    if found is None:
        raise NotFound("You have no such subscription.")
    return found
