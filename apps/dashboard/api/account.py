"""What an account has and holds now."""

from decimal import Decimal
from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.asking import user_of
from apps.accounts.models import User
from apps.common.api import asked, success
from apps.common.schema import Money, answers, told
from apps.dashboard.api.questions import BookFields, BookQuestion, book_of, known
from apps.dashboard.moment import one_moment
from apps.dashboard.selectors.cards import total
from apps.dashboard.selectors.desk import Desk
from apps.dashboard.selectors.holdings import holdings, worth
from apps.dashboard.selectors.positions import OpenPosition
from apps.execution.services.accounts import free_cash
from trading.money import ZERO
from trading.protected import ProtectionState

USD = "USD"


class BalanceData(BookFields):
    cash = Money()
    equity = Money(allow_null=True, help_text="Null where something held has no price yet.")
    unrealized_pnl = Money(allow_null=True, source="open_pnl")
    buying_power = Money(
        help_text="Cash less what is set aside for entries on their way, and what shorts keep."
    )
    last_updated = serializers.DateTimeField(help_text="On the venue's clock.")


class PositionsQuestion(BookQuestion):
    broker = serializers.CharField(max_length=100, default="", help_text="The name of a venue.")
    symbol = serializers.CharField(max_length=30, default="")


class PositionFields(serializers.Serializer[Any]):
    position_id = serializers.SerializerMethodField()
    subscription = serializers.IntegerField(source="subscription_id")
    strategy = serializers.CharField()
    symbol = serializers.CharField()
    side = serializers.ChoiceField(choices=["long", "short"], source="direction")
    entry_price = Money(source="average_entry", help_text="On average, before fees.")
    current_price = Money(source="last", allow_null=True)
    quantity = serializers.SerializerMethodField()
    size = serializers.SerializerMethodField(help_text="At the current price, in `currency`.")
    size_usd = serializers.SerializerMethodField(help_text="Null in any other currency.")
    unrealized_pnl = Money(source="unrealised_pnl", allow_null=True)
    unrealized_pnl_pct = serializers.SerializerMethodField(help_text="1.25 is 1.25 %.")
    stop_loss = Money(source="stop", allow_null=True)
    take_profit = Money(source="target", allow_null=True)
    liquidation_price = Money(
        source="liquidation", allow_null=True, help_text="Where the venue closes a short."
    )
    protection = serializers.ChoiceField(
        choices=[state.value for state in ProtectionState], source="protection.state"
    )
    is_naked_by_choice = serializers.BooleanField(
        source="protection.is_by_choice", help_text="Naked because its strategy asked for no stop."
    )
    opened_at = serializers.DateTimeField(allow_null=True)
    currency = serializers.CharField()
    mode = serializers.CharField()
    broker = serializers.SerializerMethodField()

    def get_position_id(self, row: OpenPosition) -> str:
        return f"pos_{row.id}"

    def get_quantity(self, row: OpenPosition) -> float:
        return float(abs(row.quantity))

    def get_size(self, row: OpenPosition) -> float | None:
        return None if row.value is None else float(abs(row.value))

    def get_size_usd(self, row: OpenPosition) -> float | None:
        return self.get_size(row) if row.currency == USD else None

    def get_unrealized_pnl_pct(self, row: OpenPosition) -> float | None:
        return percent(row.unrealised_fraction)

    def get_broker(self, _: OpenPosition) -> str:
        return str(self.context["broker"])


class PositionsSummary(serializers.Serializer[Any]):
    total_positions = serializers.IntegerField()
    total_value_usd = Money(allow_null=True, help_text="Null where a price or a dollar is missing.")
    total_value = Money(allow_null=True)
    total_unrealized_pnl = Money(allow_null=True)
    total_unrealized_pnl_pct = serializers.FloatField(allow_null=True)
    currency = serializers.CharField()


class PositionsData(serializers.Serializer[Any]):
    positions = PositionFields(many=True)
    summary = PositionsSummary()


class Balance(APIView):
    @answers("balance", BalanceData, asks=BookQuestion, also=[404])
    @one_moment()
    def get(self, request: Request) -> Response:
        """Cash, equity and what can be spent, of one book."""
        said = asked(BookQuestion(data=request.query_params))
        user = user_of(request)
        book = book_of(user, said["book"])
        now = worth(user, book)
        found = {
            "key": book.key,
            "venue_name": book.venue_name,
            "mode": book.mode,
            "currency": book.currency,
            "cash": book.cash,
            "equity": now.equity,
            "open_pnl": now.open_pnl,
            "buying_power": sum(free_cash(book.account_ids).values(), ZERO),
            "last_updated": book.now,
        }
        return success(told(BalanceData, [found])[0])


class Positions(APIView):
    @answers("positions", PositionsData, asks=PositionsQuestion, also=[404])
    @one_moment()
    def get(self, request: Request) -> Response:
        """What one book holds, newest first."""
        said = asked(PositionsQuestion(data=request.query_params))
        user = user_of(request)
        book = book_of(user, said["book"])
        is_meant = said["broker"] in {"", book.venue_name, book.venue}
        held = [
            position
            for position in holdings(user, book)
            if is_meant and said["symbol"] in {"", position.symbol}
        ]
        context = {"broker": book.venue_name}
        return success(
            {
                "positions": PositionFields(held, many=True, context=context).data,
                "summary": PositionsSummary(_summary(held, book.currency)).data,
            }
        )


def desk_of(user: User, key: str) -> Desk:
    """Raises NotFound."""
    desk = Desk(user, key)
    known(desk.chosen, key)
    return desk


def percent(fraction: Decimal | None) -> float | None:
    return None if fraction is None else float(fraction * 100)


def _summary(held: list[OpenPosition], currency: str) -> dict[str, Any]:
    value = total([None if item.value is None else abs(item.value) for item in held])
    pnl = total([item.unrealised_pnl for item in held])
    cost = sum((abs(item.cost) for item in held), Decimal(0))
    return {
        "total_positions": len(held),
        "total_value_usd": value if currency == USD else None,
        "total_value": value,
        "total_unrealized_pnl": pnl,
        "total_unrealized_pnl_pct": percent(None if pnl is None or not cost else pnl / cost),
        "currency": currency,
    }
