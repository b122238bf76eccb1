"""What is the same everywhere. `dev`, `test` and `prod` say which servers and which secret.

All that the environment may change stands here, below the reading of `.env`; `api` and `celery`
hold what it may not.
"""

from pathlib import Path
from typing import Any

import django_stubs_ext

from nija import logs
from nija.embedded import Profile, ServerName
from nija.settings import env
from nija.settings.api import *
from nija.settings.celery import *
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

# Live markets: another address in place of the hosts of an exchange (a proxy), or of `alpaca`.
MARKET_FEED_URLS = env.pairs("MARKET_FEED_URLS")
# Alpaca tells nothing without keys; those of a paper account will do.
ALPACA_API_KEY = env.text("ALPACA_API_KEY")
ALPACA_SECRET_KEY = env.text("ALPACA_SECRET_KEY")
ALPACA_PAPER = env.flag("ALPACA_PAPER", default=True)

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
