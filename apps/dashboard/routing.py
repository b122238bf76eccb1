from django.urls import path, re_path

from apps.dashboard import consumers

# ASGI applications, which Channels routes by the patterns of Django's views.
websocket_urlpatterns = [
    path("ws/positions", consumers.positions),  # type: ignore[arg-type]
    path("ws/trades", consumers.trades),  # type: ignore[arg-type]
    re_path("", consumers.nowhere),  # type: ignore[arg-type]
]
