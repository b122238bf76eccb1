from django.urls import path

from apps.dashboard.api import account, charts

urlpatterns = [
    path("candles", charts.Candles.as_view(), name="candles"),
    path("account/balance", account.Balance.as_view(), name="balance"),
    path("account/positions", account.Positions.as_view(), name="positions"),
    path("account/equity", charts.Equity.as_view(), name="equity"),
]
