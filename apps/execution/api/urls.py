from django.urls import path

from apps.execution.api import approvals, history, orders, readiness, switches, trades

urlpatterns = [
    path("trading/emergency-stop", switches.OwnStop.as_view(), name="emergency-stop"),
    path("admin/kill-switch", switches.AnySwitch.as_view(), name="kill-switch"),
    path("approvals", approvals.Approvals.as_view(), name="approvals"),
    path("approvals/<int:approval>/approve", approvals.Approve.as_view(), name="approve"),
    path("approvals/<int:approval>/decline", approvals.Decline.as_view(), name="decline"),
    path(
        "subscriptions/<int:subscription>/readiness",
        readiness.Readiness.as_view(),
        name="readiness",
    ),
    path("what-if", trades.WhatIf.as_view(), name="what-if"),
    path("orders", orders.Orders.as_view(), name="orders"),
    path("fills", orders.Fills.as_view(), name="fills"),
    path("account/history", history.History.as_view(), name="history"),
]
second = [path("trade", trades.Trade.as_view(), name="trade")]
"""Of the second version of the API."""
