from django.urls import path

from apps.subscriptions.api import plans

urlpatterns = [
    path("subscription/plans", plans.Plans.as_view(), name="subscription_plans"),
    path("subscription/current", plans.Current.as_view(), name="current_subscription"),
]
