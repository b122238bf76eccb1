from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.common.api import asked, success
from apps.common.paging import CursorQuestion, after_cursor
from apps.common.schema import lists
from apps.strategies.models import Run
from apps.strategies.selectors import runs_followed


class RunsQuestion(CursorQuestion):
    status = serializers.ChoiceField(required=False, choices=Run.Status.choices)
    symbol = serializers.CharField(required=False, max_length=30)
    strategy = serializers.CharField(required=False, max_length=50, help_text="A strategy's code.")


class RunFields(serializers.Serializer[Any]):
    """Not for whom it was run: that concerns the others who follow."""

    id = serializers.IntegerField()
    strategy = serializers.CharField(source="version.strategy.code")
    version = serializers.CharField(source="version.number")
    venue = serializers.CharField(source="instrument.venue_id")
    symbol = serializers.CharField(source="instrument.symbol")
    timeframe = serializers.CharField()
    candle_close_time = serializers.DateTimeField()
    status = serializers.ChoiceField(choices=Run.Status.choices)
    reason = serializers.CharField(source="code", help_text="Why it said nothing; empty = it ran.")
    candles_seen = serializers.IntegerField()
    created_at = serializers.DateTimeField()


class Runs(APIView):
    @lists("runs", RunFields, asks=RunsQuestion)
    def get(self, request: Request) -> Response:
        """When the strategies that one follows, or has followed, looked; newest first."""
        said = asked(RunsQuestion(data=request.query_params))
        per_page, cursor = said.pop("per_page"), said.pop("cursor", None)
        rows = runs_followed(request.user, **said)
        found, pagination = after_cursor(rows, per_page=per_page, cursor=cursor)
        return success({"runs": RunFields(found, many=True).data, "pagination": pagination})
