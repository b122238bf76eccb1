from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.common.api import asked, success
from apps.common.paging import PageQuestion, numbered
from apps.common.schema import Money, lists
from apps.market.models import Instrument
from trading.instruments import AssetClass, InstrumentStatus


class InstrumentsQuestion(PageQuestion):
    venue = serializers.CharField(required=False, max_length=30, help_text="The code of a venue.")
    symbol = serializers.CharField(required=False, max_length=30)
    asset_class = serializers.ChoiceField(
        required=False, choices=[str(each) for each in AssetClass]
    )
    status = serializers.ChoiceField(
        required=False, choices=[str(each) for each in InstrumentStatus]
    )


class InstrumentFields(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    venue = serializers.CharField(source="venue_id")
    symbol = serializers.CharField()
    base = serializers.CharField()
    quote = serializers.CharField()
    asset_class = serializers.CharField()
    price_increment = Money()
    quantity_increment = Money()
    min_quantity = Money()
    min_notional = Money()
    maker_fee = Money(help_text="A fraction: 0.001 is 0.1 %.")
    taker_fee = Money(help_text="A fraction: 0.001 is 0.1 %.")
    is_shortable = serializers.BooleanField()
    status = serializers.CharField()


class Instruments(APIView):
    @lists("instruments", InstrumentFields, asks=InstrumentsQuestion)
    def get(self, request: Request) -> Response:
        """What can be traded, and in which steps; by venue and symbol."""
        said = asked(InstrumentsQuestion(data=request.query_params))
        page, per_page = said.pop("page"), said.pop("per_page")
        rows = Instrument.objects.filter(**said).order_by("venue_id", "symbol")
        found, pagination = numbered(rows, page=page, per_page=per_page)
        shown = InstrumentFields(found, many=True).data
        return success({"instruments": shown, "pagination": pagination})
