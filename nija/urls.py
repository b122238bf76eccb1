from django.contrib import admin
from django.urls import include, path

from nija import api, icon, openapi, ops

urlpatterns = [
    path("health", ops.health, name="health"),
    path("ready", ops.ready, name="ready"),
    path("metrics", ops.metrics, name="metrics"),
    path("favicon.ico", icon.icon, name="icon"),
    path("admin/", admin.site.urls),
    path("api/docs", openapi.page, name="docs"),
    path("api/schema", openapi.schema, name="schema"),
    path("api/v1/", include("nija.api")),
    path("api/v2/", include((api.second, "v2"))),
    path("accounts/", include("apps.accounts.urls")),
    path("", include("apps.subscriptions.urls")),
    path("", include("apps.dashboard.urls")),
]
handler404 = "nija.errors.not_found"
handler500 = "nija.errors.server_error"
