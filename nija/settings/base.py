"""What is the same everywhere. `dev`, `test` and `prod` say which servers and which secret."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import django_stubs_ext
from celery.schedules import crontab

from nija import logs
from nija.embedded import Profile, ServerName
from nija.settings import env
from trading.gates.sources import TRADES_A_DAY
from trading.gates.trigger_settings import DEFAULTS as TRIGGER_DEFAULTS

django_stubs_ext.monkeypatch()  # or `ModelAdmin[Order]` fails at run time

BASE_DIR = Path(__file__).resolve().parents[2]
env.read_file(BASE_DIR / ".env")

# Whether this process needs servers of its own, and which; set by `dev` and `test`.
EMBEDDED_SERVERS: tuple[ServerName, ...] = ()
EMBEDDED_PROFILE: Profile = "default"

DEBUG = False
HOST = env.text("HOST", "127.0.0.1")
PORT = env.port("PORT", 8000)
ALLOWED_HOSTS = env.names("ALLOWED_HOSTS")
CSRF_TRUSTED_ORIGINS = env.names("CSRF_TRUSTED_ORIGINS")
REFUSE_DEMO_USERS = False

# Without "daphne", which would only replace `runserver`: it loads Twisted into every process,
# 25 MB and half a second each. The web part is started as a program of its own.
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "channels",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_celery_beat",
    "django_htmx",
    "django_prometheus",
    "apps.common",
    "apps.events",
    "apps.accounts",
    "apps.subscriptions",
    "apps.brokers",
    "apps.market",
    "apps.strategies",
    "apps.risk",
    "apps.execution",
    "apps.research",
    "apps.dashboard",
    "nija",
]

MIDDLEWARE = [
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    "nija.request_context.request_context",
    "django.middleware.security.SecurityMiddleware",
    "nija.static_files.StaticFilesMiddleware",
    "nija.middleware.content_security_policy",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "nija.middleware.api_rates",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "django_prometheus.middleware.PrometheusAfterMiddleware",
]

ROOT_URLCONF = "nija.urls"
ASGI_APPLICATION = "nija.asgi.application"
WSGI_APPLICATION = "nija.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# People
AUTH_USER_MODEL = "accounts.User"
LOGIN_URL = "accounts:login"
LOGIN_REDIRECT_URL = "dashboard:home"
LOGOUT_REDIRECT_URL = "accounts:login"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS: list[dict[str, Any]] = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]

# Cookies and headers. What needs HTTPS is switched on in `prod`.
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# Language and time
LANGUAGE_CODE = "en-us"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# Static files
STATIC_URL = "/static/"
STATICFILES_DIRS = [folder for folder in [BASE_DIR / "static"] if folder.is_dir()]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "nija.static_files.LightweightChartsFinder",
]
WHITENOISE_ALLOW_ALL_ORIGINS = False
WHITENOISE_USE_FINDERS = True  # no `collectstatic` in a checkout

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

# Live markets: another address in place of the hosts of an exchange (a proxy), or of `alpaca`.
MARKET_FEED_URLS = env.pairs("MARKET_FEED_URLS")
# Alpaca tells nothing without keys; those of a paper account will do.
ALPACA_API_KEY = env.text("ALPACA_API_KEY")
ALPACA_SECRET_KEY = env.text("ALPACA_SECRET_KEY")
ALPACA_PAPER = env.flag("ALPACA_PAPER", default=True)

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
        "VerdictStatus": "apps.execution.api.trade_fields.STATUSES",
        "RunStatus": "apps.strategies.models.Run.Status",
        "BacktestState": "apps.research.models.BacktestRun.State",
        "Severity": "apps.dashboard.api.receipt_fields.SEVERITY",
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
# nobody; and tries to sign in, of an address, and of an address for one email.
API_RATES = {"token": 100, "page": 600, "address": 60, "sign_in_address": 20, "sign_in_email": 5}
TRUSTED_PROXIES = env.integer("TRUSTED_PROXIES", 0)  # how many of ours a request comes through

# Risk: what no plan but Enterprise, which has a figure of its own, lets anybody exceed
MOST_TRADES_A_DAY = env.integer("MOST_TRADES_A_DAY", TRADES_A_DAY)
# What trips kill switches by itself, by the names of the environment (docs/kill-switches.md)
AUTOMATIC = {name: env.amount(name, default) for name, default in TRIGGER_DEFAULTS.items()}

# Approvals: how long an entry waits for its owner, on the venue's clock
APPROVAL_MINUTES = env.integer("APPROVAL_MINUTES", 30)

# Positions
# A position without the stop that its plan asked for is told of, and given one, after so long.
NAKED_AFTER_SECONDS = env.integer("NAKED_AFTER_SECONDS", 15)
# Stops that we hold ourselves protect nothing when nobody has looked at the price for so long: six
# rounds of the exit monitor.
WATCHED_WITHIN_SECONDS = env.integer("WATCHED_WITHIN_SECONDS", 30)

# Events
EVENT_REACTIONS = "nija.reactions.REACTIONS"

# Backtests that people ask for, in a worker of their own
BACKTEST_UNFINISHED = 3  # of one person at a time
BACKTEST_CANDLES = 1_000_000  # that the orders of one may meet
BACKTEST_TIME_LIMIT = timedelta(hours=1)

# Celery. JSON only; a message is acknowledged when its task is done, so that a dead worker loses
# none, and every task is harmless when it runs twice.
CELERY_TASK_SERIALIZER = "json"
CELERY_RESULT_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_TIME_LIMIT = timedelta(minutes=5).total_seconds()
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    # Longer than a task may run; what a killed worker had in hand comes back after this. So does
    # the message of a backtest that takes longer, and finds that it is taken.
    "visibility_timeout": int(timedelta(minutes=6).total_seconds()),
    "unacked_restore_interval": 10,
    "unacked_restore_throttle": 1,  # look every 10 s, not every 100 s
    # Who sends a task waits for Valkey neither 6 s when it is down nor for ever when it hangs.
    "max_retries": 0,
    "socket_timeout": 5,
    "socket_connect_timeout": 2,
}
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_REDIRECT_STDOUTS = False
CELERY_TIMEZONE = "UTC"
CELERY_TASK_DEFAULT_QUEUE = "background"
CELERY_TASK_ROUTES = {
    "apps.execution.tasks.*": {"queue": "trade"},
    "apps.research.tasks.run_backtest": {"queue": "research"},  # long: a worker of its own
}
CELERY_TASK_ANNOTATIONS = {
    # It keeps to BACKTEST_TIME_LIMIT by itself; this ends one that cannot.
    "apps.research.tasks.run_backtest": {
        "time_limit": (BACKTEST_TIME_LIMIT + timedelta(minutes=5)).total_seconds()
    }
}
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"
CELERY_BEAT_SCHEDULE = {
    "close-candles": {
        "task": "apps.execution.tasks.close_due_candles",
        "description": "Takes the candles of real markets through the pipeline. "
        "Without it nothing is decided.",
        "schedule": crontab(),  # every minute, aligned to it
        "options": {"expire_seconds": 50},  # the next one catches up
    },
    "recovery-sweep": {
        "task": "apps.execution.tasks.sweep",
        "description": "Finishes what a crash left half done. "
        "Without it holes and unsent orders stay.",
        "schedule": timedelta(seconds=5),
        "options": {"expire_seconds": 5},
    },
    "look-after-positions": {
        "task": "apps.execution.tasks.look_after_positions",
        "description": "Watches the stops that no venue holds, and repairs stops that are lost. "
        "Without it positions may stay unprotected.",
        "schedule": timedelta(seconds=5),
        "options": {"expire_seconds": 5},
    },
    "resume-backtests": {
        "task": "apps.research.tasks.resume_lost",
        "description": "Takes up backtests whose worker is gone. Without it they stay as they are.",
        "schedule": timedelta(seconds=15),
        "options": {"expire_seconds": 15},
    },
    "relay": {
        "task": "apps.events.tasks.relay",
        "description": "Seals and sends events that no message announced. "
        "Without it people hear late or never.",
        "schedule": timedelta(seconds=5),
        "options": {"expire_seconds": 5},
    },
    "forget-sessions": {
        "task": "apps.accounts.tasks.forget_expired_sessions",
        "description": "Deletes sign-ins by tokens that have expired. Without it they pile up.",
        "schedule": crontab(hour="3", minute="17"),
    },
}

METRICS_DIR = env.text("PROMETHEUS_MULTIPROC_DIR")  # see nija.metrics_dir

LOG_LEVEL = env.text("LOG_LEVEL", "INFO").upper()
LOG_LEVELS = {
    # One line a request or a task is noise on a screen; what went wrong still shows.
    "celery": "WARNING",
    "daphne": "WARNING",
    "django.channels.server": "WARNING",
    "django": "INFO",
    "django.server": "WARNING",
    "nija.requests": "WARNING",
}
LOGGING = logs.config(LOG_LEVEL, as_json=False, levels=LOG_LEVELS)
