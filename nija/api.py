"""Every app keeps its own api/; here they all are."""

from django.urls import include, path

from apps.execution.api.urls import second as ordering

app_name = "v1"
urlpatterns = [
    path("auth/", include("apps.accounts.api.urls")),
    path("", include("apps.subscriptions.api.urls")),
    path("", include("apps.market.api.urls")),
    path("", include("apps.strategies.api.urls")),
    path("", include("apps.execution.api.urls")),
    path("", include("apps.research.api.urls")),
    path("", include("apps.dashboard.api.urls")),
]
second = [*ordering]
"""The second version: what the first does not have."""
