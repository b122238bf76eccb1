"""The API: how it answers, who may ask and how often, and its description."""

from datetime import timedelta

REST_FRAMEWORK = {
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "apps.accounts.authentication.SignedInByToken",
        "apps.common.authentication.SignedInBySession",
    ],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "apps.common.api.answer_to_error",
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}

SPECTACULAR_SETTINGS = {
    "TITLE": "NIJA",
    "DESCRIPTION": "Answers and failures come in one envelope. Amounts are JSON numbers; what "
    "nobody knows is null, never 0. The streams are described in docs/streams.md.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_AUTHENTICATION": [],
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v[12]/",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        "Side": "apps.execution.api.orders.SIDES",
        "Direction": "apps.execution.api.history.DIRECTIONS",
        "OrderStatus": "apps.execution.api.orders.STATUSES",
        "VerdictStatus": "apps.risk.api.fields.VERDICT_STATUS",
        "Severity": "apps.risk.api.fields.SEVERITY",
        "RunStatus": "apps.strategies.models.Run.Status",
        "BacktestState": "apps.research.models.BacktestRun.State",
        "TradingState": "apps.execution.api.switches.STATES",
        "TrippedState": "apps.execution.api.switches.TRIPPED",
        "Timeframe": "apps.market.models.TIMEFRAMES",
    },
}
SIMPLE_JWT = {
    "ACCESS_TOKEN_LIFETIME": timedelta(minutes=15),
    "REFRESH_TOKEN_LIFETIME": timedelta(days=14),
    "USER_ID_CLAIM": "sub",
    "ISSUER": "nija",
    "AUDIENCE": "nija.api",
}
# Questions a minute: of a client with a token, of a browser with our pages, of an address that is
# nobody; tries to sign in, of an address, and of an address for one email. Of somebody above the
# common rate: tickets that are looked at, and those of them that close something and are answered.
API_RATES = {
    "token": 100, "page": 600, "address": 60, "sign_in_address": 20, "sign_in_email": 5,
    "ticket": 3_000, "exit": 300,
}  # fmt: skip
