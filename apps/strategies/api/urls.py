from django.urls import path

from apps.strategies.api import runs, subscriptions

urlpatterns = [
    path("runs", runs.Runs.as_view(), name="runs"),
    path("subscriptions", subscriptions.Subscriptions.as_view(), name="subscriptions"),
    path(
        "subscriptions/<int:subscription>",
        subscriptions.Subscription.as_view(),
        name="strategy-subscription",
    ),
]
