"""Round trips, from flat to flat."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.common.api import asked, success
from apps.common.paging import PageQuestion, numbered
from apps.common.schema import Money, lists, told
from apps.execution.listing import round_trips, round_trips_begun
from trading.exits import ExitReason
from trading.signals import Direction

USD = "USD"
# What is read of a row; 50 whole ones, of four models each, take several times as long.
EITHER = (
    "pk", "subscription_id", "instrument__symbol", "instrument__quote", "account__venue__name",
    "quantity", "fees", "funding", "opened_at", "mode",
)  # fmt: skip
CLOSED = (
    *EITHER, "direction", "entry_price", "exit_price", "pnl", "closed_at", "exit_reason", "mae",
    "mfe",
)  # fmt: skip
BEGUN = (*EITHER, "cost")
DIRECTIONS = [str(each) for each in Direction]


class HistoryQuestion(PageQuestion):
    start_date = serializers.DateField(required=False, help_text="In UTC, this day included.")
    end_date = serializers.DateField(required=False, help_text="In UTC, this day included.")
    symbol = serializers.CharField(required=False, max_length=30)
    broker = serializers.CharField(required=False, max_length=100)
    status = serializers.ChoiceField(
        choices=["closed", "open"],
        default="closed",
        help_text="An entry that was cancelled began no trade: see the orders.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        start, end = attrs.get("start_date"), attrs.get("end_date")
        if start is not None and end is not None and end < start:
            raise serializers.ValidationError({"end_date": ["It is before start_date."]})
        return attrs


class TradeFields(serializers.Serializer[Any]):
    """What is not known before a trade is closed is null."""

    trade_id = serializers.CharField()
    subscription = serializers.IntegerField()
    symbol = serializers.CharField()
    side = serializers.ChoiceField(choices=DIRECTIONS)
    status = serializers.ChoiceField(choices=["closed", "open"])
    entry_price = Money(allow_null=True)
    exit_price = Money(allow_null=True)
    quantity = Money()
    size = Money(allow_null=True, help_text="At the entry price, in `currency`.")
    size_usd = Money(allow_null=True, help_text="Null in any other currency.")
    realized_pnl = Money(allow_null=True, help_text="After fees and funding.")
    realized_pnl_pct = serializers.FloatField(allow_null=True, help_text="Of the size.")
    fees = Money()
    funding = Money(help_text="Got for being held; negative: paid.")
    opened_at = serializers.DateTimeField(allow_null=True)
    closed_at = serializers.DateTimeField(allow_null=True)
    duration_minutes = serializers.FloatField(allow_null=True)
    exit_reason = serializers.ChoiceField(
        choices=[str(each) for each in ExitReason], allow_null=True
    )
    mae = Money(
        allow_null=True, help_text="How far it went against its owner at the worst, in `currency`."
    )
    mfe = Money(
        allow_null=True, help_text="How far it went for its owner at the best, in `currency`."
    )
    broker = serializers.CharField()
    mode = serializers.CharField()
    currency = serializers.CharField()


class History(APIView):
    @lists("trades", TradeFields, asks=HistoryQuestion, name="history")
    def get(self, request: Request) -> Response:
        """One's round trips, latest first: those closed in the span, or those begun and open."""
        said = asked(HistoryQuestion(data=request.query_params))
        meant = {
            "symbol": said.get("symbol", ""),
            "broker": said.get("broker", ""),
            "start": _at(said.get("start_date"), time.min),
            "end": _at(said.get("end_date"), time.max),
        }
        paged = {"page": said["page"], "per_page": said["per_page"]}
        found: QuerySet[Any, Any]
        if said["status"] == "open":
            found = round_trips_begun(request.user, **meant).values_list(*BEGUN, named=True)
            begun, pagination = numbered(found, **paged)
            rows = [_begun(position) for position in begun]
        else:
            found = round_trips(request.user, **meant).values_list(*CLOSED, named=True)
            closed, pagination = numbered(found, **paged)
            rows = [_closed(trade) for trade in closed]
        return success({"trades": told(TradeFields, rows), "pagination": pagination})


def _at(day: date | None, moment: time) -> datetime | None:
    return None if day is None else datetime.combine(day, moment, tzinfo=UTC)


def _closed(trade: Any) -> dict[str, object]:
    size = trade.quantity * trade.entry_price
    return {
        **_told(trade, size),
        "trade_id": f"trd_{trade.pk}",
        "side": trade.direction,
        "status": "closed",
        "entry_price": trade.entry_price,
        "exit_price": trade.exit_price,
        "quantity": trade.quantity,
        "realized_pnl": trade.pnl,
        "realized_pnl_pct": trade.pnl / size * 100 if size else None,
        "closed_at": trade.closed_at,
        "duration_minutes": (trade.closed_at - trade.opened_at) / timedelta(minutes=1),
        "exit_reason": trade.exit_reason,
        "mae": trade.mae,
        "mfe": trade.mfe,
    }


def _begun(position: Any) -> dict[str, object]:
    return {
        **_told(position, abs(position.cost)),
        "trade_id": f"pos_{position.pk}",
        "side": Direction.LONG if position.quantity > 0 else Direction.SHORT,
        "status": "open",
        "entry_price": position.cost / position.quantity,
        "exit_price": None,
        "quantity": abs(position.quantity),
        "realized_pnl": None,
        "realized_pnl_pct": None,
        "closed_at": None,
        "duration_minutes": None,
        "exit_reason": None,
        "mae": None,
        "mfe": None,
    }


def _told(row: Any, size: Decimal) -> dict[str, object]:
    currency = row.instrument__quote
    return {
        "subscription": row.subscription_id,
        "symbol": row.instrument__symbol,
        "size": size,
        "size_usd": size if currency == USD else None,
        "fees": row.fees,
        "funding": row.funding,
        "opened_at": row.opened_at,
        "broker": row.account__venue__name,
        "mode": row.mode,
        "currency": currency,
    }
