from django.urls import path

from apps.research.api import backtests

urlpatterns = [
    path("backtests", backtests.Backtests.as_view(), name="backtests"),
    path("backtests/<int:run>", backtests.Backtest.as_view(), name="backtest"),
    path("backtests/<int:run>/result", backtests.BacktestResult.as_view(), name="backtest-result"),
    path("backtests/<int:run>/cancel", backtests.CancelBacktest.as_view(), name="cancel-backtest"),
]
