from django.urls import path

from apps.dashboard import (
    approval_views,
    backtest_views,
    limits_views,
    performance_views,
    receipt_views,
    stop_views,
    subscription_views,
    views,
    what_if_views,
)

app_name = "dashboard"
urlpatterns = [
    path("", views.home, name="home"),
    path("live/", views.live, name="live"),
    path("stop/", stop_views.stop, name="stop"),
    path("allocation/", views.allocation, name="allocation"),
    path("limits/", limits_views.limits, name="limits"),
    path("what-if/", what_if_views.what_if, name="what_if"),
    path("decisions/", receipt_views.receipts, name="receipts"),
    path("decisions.csv", receipt_views.receipts_file, name="receipts_file"),
    path("decisions/<int:pk>/", receipt_views.receipt, name="receipt"),
    path("closes/", receipt_views.close, name="close"),
    path("orders/", receipt_views.orders, name="orders"),
    path("positions/<int:pk>/", views.position, name="position"),
    path("approvals/", approval_views.approvals, name="approvals"),
    path("approvals/<int:pk>/", approval_views.approval, name="approval"),
    path("subscriptions/", subscription_views.subscriptions, name="subscriptions"),
    path("subscriptions/<int:pk>/", subscription_views.subscription, name="subscription"),
    path("subscriptions/<int:pk>/live/", subscription_views.live_checklist, name="live_checklist"),
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
