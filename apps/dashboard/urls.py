from django.urls import path

from apps.dashboard import backtest_views, limits_views, performance_views, stop_views, views

app_name = "dashboard"
urlpatterns = [
    path("", views.home, name="home"),
    path("live/", views.live, name="live"),
    path("stop/", stop_views.stop, name="stop"),
    path("allocation/", views.allocation, name="allocation"),
    path("limits/", limits_views.limits, name="limits"),
    path("decisions/<int:pk>/", views.receipt, name="receipt"),
    path("positions/<int:pk>/", views.position, name="position"),
    path("backtests/", backtest_views.backtests, name="backtests"),
    path("backtests/<int:pk>/", backtest_views.backtest, name="backtest"),
    path("backtests/<int:pk>/export.json", backtest_views.export_json, name="backtest_json"),
    path("backtests/<int:pk>/export.csv", backtest_views.export_csv, name="backtest_csv"),
    path("backtests/<int:pk>/limits.csv", backtest_views.export_limits, name="backtest_limits"),
    path("backtests/<int:pk>/export.html", backtest_views.export_html, name="backtest_html"),
    path("performance/", performance_views.performance, name="performance"),
    path("performance/report.html", performance_views.report_file, name="report_file"),
    path("performance/trades.csv", performance_views.trades_file, name="trades_file"),
]
