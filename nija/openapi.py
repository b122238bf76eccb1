"""The API's own description, and the page that shows it. Everything on it comes from this host: its
script from a wheel, and its start from an address of its own, since nothing inline runs.
"""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

schema = SpectacularAPIView.as_view()
page = SpectacularSwaggerSplitView.as_view(url_name="schema", template_name="api_docs.html")


class TokenScheme(OpenApiAuthenticationExtension):
    target_class = "apps.accounts.authentication.SignedInByToken"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}


class SessionScheme(OpenApiAuthenticationExtension):
    target_class = "apps.common.authentication.SignedInBySession"
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "apiKey", "in": "cookie", "name": "sessionid"}
