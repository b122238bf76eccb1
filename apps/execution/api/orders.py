from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.common.api import asked, success
from apps.common.paging import HIGHEST, CursorQuestion, after_cursor
from apps.common.schema import Money, lists
from apps.execution.listing import fills, orders
from trading.orders import Leg, OrderStatus, OrderType, TimeInForce
from trading.signals import Side

SIDES = [str(each) for each in Side]
STATUSES = [str(each) for each in OrderStatus]
LEGS = [str(each) for each in Leg]


class OrdersQuestion(CursorQuestion):
    status = serializers.ChoiceField(required=False, choices=["open", *STATUSES])
    symbol = serializers.CharField(required=False, max_length=30)
    subscription = serializers.IntegerField(required=False, min_value=1, max_value=HIGHEST)
    decision = serializers.IntegerField(required=False, min_value=1, max_value=HIGHEST)


class OrderFields(serializers.Serializer[Any]):
    order_id = serializers.CharField(source="client_order_id")
    venue_order_id = serializers.CharField(help_text="Empty until the venue has given one.")
    decision = serializers.IntegerField(source="decision_id", allow_null=True)
    subscription = serializers.IntegerField(source="subscription_id")
    venue = serializers.CharField(source="instrument.venue_id")
    symbol = serializers.CharField(source="instrument.symbol")
    mode = serializers.CharField()
    leg = serializers.ChoiceField(choices=LEGS)
    side = serializers.ChoiceField(choices=SIDES)
    type = serializers.ChoiceField(choices=[str(each) for each in OrderType], source="order_type")
    quantity = Money()
    filled_quantity = Money()
    limit_price = Money(allow_null=True)
    trigger_price = Money(allow_null=True)
    time_in_force = serializers.ChoiceField(choices=[str(each) for each in TimeInForce])
    expire_time = serializers.DateTimeField(
        allow_null=True, help_text="On the venue's clock: the end of a `day` order's session."
    )
    post_only = serializers.BooleanField()
    reduce_only = serializers.BooleanField()
    status = serializers.ChoiceField(choices=STATUSES)
    reason = serializers.CharField(help_text="The code of a rejection or cancellation.")
    is_outcome_unknown = serializers.BooleanField()
    created_at = serializers.DateTimeField()
    submitted_at = serializers.DateTimeField(allow_null=True)


class FillsQuestion(CursorQuestion):
    symbol = serializers.CharField(required=False, max_length=30)
    subscription = serializers.IntegerField(required=False, min_value=1, max_value=HIGHEST)
    order = serializers.CharField(required=False, max_length=32, help_text="An `order_id`.")


class FillFields(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    order_id = serializers.CharField(source="order.client_order_id")
    venue_trade_id = serializers.CharField()
    subscription = serializers.IntegerField(source="subscription_id")
    venue = serializers.CharField(source="instrument.venue_id")
    symbol = serializers.CharField(source="instrument.symbol")
    mode = serializers.CharField()
    leg = serializers.ChoiceField(choices=LEGS, source="order.leg")
    side = serializers.ChoiceField(choices=SIDES)
    quantity = Money()
    price = Money()
    commission = Money(help_text="In `currency`.")
    currency = serializers.CharField(source="instrument.quote")
    is_maker = serializers.BooleanField()
    filled_at = serializers.DateTimeField(help_text="On the venue's clock.")


class Orders(APIView):
    @lists("orders", OrderFields, asks=OrdersQuestion)
    def get(self, request: Request) -> Response:
        """What was asked of the venues for oneself, newest first. A refusal of ours is no order:
        see the decisions.
        """
        said = asked(OrdersQuestion(data=request.query_params))
        per_page, cursor = said.pop("per_page"), said.pop("cursor", None)
        found, pagination = after_cursor(
            orders(request.user, **said), per_page=per_page, cursor=cursor
        )
        return success({"orders": OrderFields(found, many=True).data, "pagination": pagination})


class Fills(APIView):
    @lists("fills", FillFields, asks=FillsQuestion)
    def get(self, request: Request) -> Response:
        """What the venues executed for oneself, newest first."""
        said = asked(FillsQuestion(data=request.query_params))
        per_page, cursor = said.pop("per_page"), said.pop("cursor", None)
        found, pagination = after_cursor(
            fills(request.user, **said), per_page=per_page, cursor=cursor
        )
        return success({"fills": FillFields(found, many=True).data, "pagination": pagination})
