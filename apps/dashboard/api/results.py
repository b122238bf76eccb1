"""How trading has gone. The formulas are in `trading/performance/`; null is what nobody knows."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.asking import user_of
from apps.common.api import asked, success
from apps.common.schema import Money, answers
from apps.dashboard.api.account import USD, desk_of, percent
from apps.dashboard.api.questions import BookFields, BookQuestion, book_of
from apps.dashboard.moment import one_moment
from apps.dashboard.selectors.books import Book
from apps.dashboard.selectors.results import Results, allowed, results, volume
from trading.money import ZERO
from trading.performance import Performance, months, streak

PERIODS = {
    "7d": timedelta(days=7),
    "30d": timedelta(days=30),
    "90d": timedelta(days=90),
    "1y": timedelta(days=365),
    "all": None,
}


class PerformanceQuestion(BookQuestion):
    period = serializers.ChoiceField(choices=list(PERIODS), default="30d")


class MetricsFields(serializers.Serializer[Any]):
    total_trades = serializers.IntegerField()
    winning_trades = serializers.IntegerField()
    losing_trades = serializers.IntegerField()
    win_rate = serializers.FloatField(allow_null=True, help_text="From 0 to 1.")
    total_pnl = Money(allow_null=True, help_text="Before fees.")
    total_pnl_pct = serializers.FloatField(
        allow_null=True,
        help_text="net_pnl, of what there was and what was paid in; 1.25 is 1.25 %.",
    )
    avg_win = Money(allow_null=True)
    avg_loss = Money(allow_null=True)
    largest_win = Money(allow_null=True)
    largest_loss = Money(allow_null=True)
    profit_factor = serializers.FloatField(allow_null=True, help_text="Null without a loss.")
    sharpe_ratio = serializers.FloatField(allow_null=True, help_text="Of daily returns, a year's.")
    max_drawdown = Money(allow_null=True, help_text="Of the realised equity.")
    max_drawdown_pct = serializers.FloatField(allow_null=True)
    recovery_time_days = serializers.FloatField(
        allow_null=True, help_text="Null while it has not been made good."
    )
    avg_trade_duration_minutes = serializers.FloatField(allow_null=True)
    total_fees = Money(allow_null=True)
    net_pnl = Money(allow_null=True, help_text="After fees.")


class DayPnlFields(serializers.Serializer[Any]):
    date = serializers.DateField()
    pnl = Money()


class DayEquityFields(serializers.Serializer[Any]):
    date = serializers.DateField()
    equity = Money(help_text="Realised, at the end of the day.")


class PerformanceData(BookFields):
    period = serializers.CharField()
    metrics = MetricsFields()
    daily_pnl = DayPnlFields(many=True)
    equity_curve = DayEquityFields(many=True)


class StatsAccount(serializers.Serializer[Any]):
    user_id = serializers.CharField()
    subscription_tier = serializers.CharField(allow_null=True, help_text="Null without a plan.")
    account_age_days = serializers.IntegerField()
    total_deposits = Money()
    total_withdrawals = Money()
    current_balance = Money(help_text="Cash.")
    all_time_high = Money(allow_null=True, help_text="Of the realised equity at days' ends.")
    all_time_low = Money(allow_null=True)


class BestMonth(serializers.Serializer[Any]):
    month = serializers.CharField(help_text="As in 2026-06.")
    pnl = Money()
    pnl_pct = serializers.FloatField(allow_null=True)


class StreakFields(serializers.Serializer[Any]):
    type = serializers.ChoiceField(choices=["winning", "losing"])
    count = serializers.IntegerField()
    started = serializers.DateTimeField()


class StatsTrading(serializers.Serializer[Any]):
    total_trades_all_time = serializers.IntegerField()
    total_volume_usd = Money(allow_null=True, help_text="Null in any other currency.")
    total_fees_paid = Money(allow_null=True, help_text="On closed trades; null without one.")
    best_month = BestMonth(allow_null=True)
    current_streak = StreakFields(allow_null=True)


class StatsRisk(serializers.Serializer[Any]):
    current_risk_level = serializers.CharField(allow_null=True, help_text="Null without a tier.")
    max_position_size_usd = Money(allow_null=True, help_text="Null without a tier.")
    max_positions = serializers.IntegerField(allow_null=True, help_text="Of all that runs.")
    current_leverage = serializers.FloatField(allow_null=True, help_text="Exposure / equity.")
    available_leverage = serializers.FloatField(allow_null=True)


class StatsData(BookFields):
    account = StatsAccount()
    trading = StatsTrading()
    risk = StatsRisk()


class PerformanceView(APIView):
    @answers("performance", PerformanceData, asks=PerformanceQuestion, also=[404])
    @one_moment()
    def get(self, request: Request) -> Response:
        """The trades that one book closed in a period, until now by the venue's clock."""
        said = asked(PerformanceQuestion(data=request.query_params))
        user = user_of(request)
        book = book_of(user, said["book"])
        span = PERIODS[said["period"]]
        found = results(user, book, None if span is None else book.now - span)
        days = found.performance.days
        answer = {
            **_whose(book),
            "period": said["period"],
            "metrics": _metrics(found),
            "daily_pnl": days,
            "equity_curve": days,
        }
        return success(PerformanceData(answer).data)


class Stats(APIView):
    @answers("stats", StatsData, asks=BookQuestion, also=[404])
    @one_moment()
    def get(self, request: Request) -> Response:
        """One book, from its first deposit on."""
        said = asked(BookQuestion(data=request.query_params))
        user = user_of(request)
        desk = desk_of(user, said["book"])
        book, found, may = desk.book, results(user, desk.book), allowed(user, desk.book)
        equities = [day.equity for day in found.performance.days]
        account = {
            "user_id": f"usr_{user.pk}",
            "subscription_tier": None,
            "account_age_days": (timezone.now() - user.date_joined).days,
            "total_deposits": sum((max(flow.amount, ZERO) for flow in found.flows), ZERO),
            "total_withdrawals": sum((max(-flow.amount, ZERO) for flow in found.flows), ZERO),
            "current_balance": book.cash,
            "all_time_high": max(equities, default=None),
            "all_time_low": min(equities, default=None),
        }
        trading = {
            **_trading(found),
            "total_volume_usd": volume(user, book) if book.currency == USD else None,
        }
        risk = {
            "current_risk_level": None,
            "max_position_size_usd": None,
            "max_positions": may.max_positions,
            "current_leverage": _share(desk.exposure, desk.equity),
            "available_leverage": may.leverage,
        }
        answer = {**_whose(book), "account": account, "trading": trading, "risk": risk}
        return success(StatsData(answer).data)


def _whose(book: Book) -> dict[str, object]:
    return {
        "key": book.key,
        "venue_name": book.venue_name,
        "mode": book.mode,
        "currency": book.currency,
    }


def _metrics(found: Results) -> dict[str, object]:
    told: Performance = found.performance
    base = found.start + sum((flow.amount for flow in found.flows), ZERO)
    fall = told.drawdown
    return {
        "total_trades": told.trades,
        "winning_trades": told.wins,
        "losing_trades": told.losses,
        "win_rate": told.win_rate,
        "total_pnl": told.gross,
        "total_pnl_pct": percent(_share(told.net, base)),
        "avg_win": told.average_win,
        "avg_loss": told.average_loss,
        "largest_win": told.largest_win,
        "largest_loss": told.largest_loss,
        "profit_factor": told.profit_factor,
        "sharpe_ratio": told.sharpe,
        "max_drawdown": None if fall is None else fall.amount,
        "max_drawdown_pct": None if fall is None else percent(fall.fraction),
        "recovery_time_days": _in(timedelta(days=1), None if fall is None else fall.recovery),
        "avg_trade_duration_minutes": _in(timedelta(minutes=1), told.average_duration),
        "total_fees": told.fees,
        "net_pnl": told.net,
    }


def _trading(found: Results) -> dict[str, object]:
    traded = {(trade.closed_at.year, trade.closed_at.month) for trade in found.trades}
    of_trades = [
        month
        for month in months(found.performance.days)
        if (month.first.year, month.first.month) in traded
    ]
    best = max(of_trades, key=lambda month: month.pnl, default=None)
    last = streak(found.trades)
    return {
        "total_trades_all_time": found.performance.trades,
        "total_fees_paid": found.performance.fees,
        "best_month": best
        and {
            "month": f"{best.first:%Y-%m}",
            "pnl": best.pnl,
            "pnl_pct": percent(best.fraction),
        },
        "current_streak": last
        and {
            "type": "winning" if last.is_winning else "losing",
            "count": last.count,
            "started": last.started_at,
        },
    }


def _share(part: Decimal | None, whole: Decimal | None) -> Decimal | None:
    return None if part is None or whole is None or whole <= 0 else part / whole


def _in(unit: timedelta, lasted: timedelta | None) -> float | None:
    return None if lasted is None else lasted / unit
