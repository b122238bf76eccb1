"""HTTP and WebSockets for daphne."""

import os
from typing import Any

from asgiref.sync import ThreadSensitiveContext, sync_to_async
from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from django.core.asgi import get_asgi_application
from django.db import connections

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "nija.settings.dev")
_http = get_asgi_application()  # loads the apps, which the imports below need

from apps.dashboard.routing import websocket_urlpatterns  # noqa: E402
from nija import startup  # noqa: E402
from nija.request_context import named_connection  # noqa: E402
from nija.sending import Receive, Send, direct  # noqa: E402

startup.become_a_part()

_streams = named_connection(URLRouter(websocket_urlpatterns))
_streams_of_our_pages = AllowedHostsOriginValidator(AuthMiddlewareStack(_streams))


async def _letting_go(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Django answers each request in a thread of its own, which dies with it; the connection that
    the thread has to the database would stay open until garbage is collected, and a hundred busy
    requests later the server takes no more. So it is closed, in the thread that opened it.
    """
    async with ThreadSensitiveContext():
        try:
            await _http(scope, receive, send)
        finally:
            await sync_to_async(connections.close_all)()


async def _by_origin(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """A browser always says which site's page opens a socket, and only ours may use the cookie. Who
    says nothing is no browser: its cookie is not looked at, it has to bring a token.
    """
    is_browser = any(name == b"origin" for name, _ in scope["headers"])
    await (_streams_of_our_pages if is_browser else _streams)(scope, receive, send)


application = ProtocolTypeRouter({"http": _letting_go, "websocket": direct(_by_origin)})
