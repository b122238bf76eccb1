from django.urls import path

from apps.execution.api import history, orders, switches

urlpatterns = [
    path("trading/emergency-stop", switches.OwnStop.as_view(), name="emergency-stop"),
    path("admin/kill-switch", switches.AnySwitch.as_view(), name="kill-switch"),
    path("orders", orders.Orders.as_view(), name="orders"),
    path("fills", orders.Fills.as_view(), name="fills"),
    path("account/history", history.History.as_view(), name="history"),
]
