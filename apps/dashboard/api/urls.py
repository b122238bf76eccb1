from django.urls import path

from apps.dashboard.api import charts

urlpatterns = [
    path("candles", charts.Candles.as_view(), name="candles"),
    path("account/equity", charts.Equity.as_view(), name="equity"),
]
