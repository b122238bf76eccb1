from django.urls import path

from apps.dashboard.api import account, charts, receipts, results

urlpatterns = [
    path("candles", charts.Candles.as_view(), name="candles"),
    path("account/balance", account.Balance.as_view(), name="balance"),
    path("account/positions", account.Positions.as_view(), name="positions"),
    path("account/performance", results.PerformanceView.as_view(), name="performance"),
    path("account/stats", results.Stats.as_view(), name="stats"),
    path("decisions", receipts.Decisions.as_view(), name="decisions"),
    path("decisions/<int:decision>", receipts.OneDecision.as_view(), name="decision"),
    path("account/equity", charts.Equity.as_view(), name="equity"),
]
