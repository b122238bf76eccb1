from django.urls import path

from apps.execution.api import history, orders

urlpatterns = [
    path("orders", orders.Orders.as_view(), name="orders"),
    path("fills", orders.Fills.as_view(), name="fills"),
    path("account/history", history.History.as_view(), name="history"),
]
