"""HTTP and WebSockets for daphne."""

import os

from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "nija.settings.dev")
_http = get_asgi_application()  # loads the apps, which the imports below need

from apps.dashboard.routing import websocket_urlpatterns  # noqa: E402
from nija import startup  # noqa: E402
from nija.request_context import named_connection  # noqa: E402
from nija.sending import direct  # noqa: E402

startup.become_a_part()

application = ProtocolTypeRouter(
    {
        "http": _http,
        "websocket": direct(
            AllowedHostsOriginValidator(
                AuthMiddlewareStack(named_connection(URLRouter(websocket_urlpatterns)))
            )
        ),
    }
)
