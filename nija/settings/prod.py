"""A server that real people use. Refuses to start on anything that only suits a demo."""

from datetime import timedelta

from django.core.exceptions import ImproperlyConfigured

from nija import logs
from nija.settings import env
from nija.settings.base import *
from nija.settings.refusals import refusals
from nija.settings.servers import ServerSettings

_reasons = refusals(
    {
        name: env.text(name)
        for name in ("SECRET_KEY", "DEBUG", "DATABASE_URL", "REDIS_URL", "ALLOWED_HOSTS")
    },
    development_key=BASE_DIR / "var" / "secret_key",
)
if _reasons:
    raise ImproperlyConfigured("Not started:\n" + "\n".join(f"  {line}" for line in _reasons))

SECRET_KEY = env.text("SECRET_KEY")
SECRET_KEY_FALLBACKS = env.names("SECRET_KEY_FALLBACKS")
REFUSE_DEMO_USERS = True

_servers = ServerSettings(BASE_DIR, profile="default")
DATABASE_URL, REDIS_URL = _servers.database_url, _servers.redis_url
DATABASES = _servers.databases
CACHES = _servers.caches
CHANNEL_LAYERS = _servers.channel_layers
CELERY_BROKER_URL = _servers.broker_url

# HTTPS everywhere. The proxy in front says how the visitor came.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = True
SECURE_REDIRECT_EXEMPT = [r"^health$", r"^ready$", r"^metrics$"]  # asked from inside
SECURE_HSTS_SECONDS = int(timedelta(days=365).total_seconds())
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
SESSION_COOKIE_NAME = "__Host-session"
CSRF_COOKIE_SECURE = True
CSRF_COOKIE_NAME = "__Host-csrf"

LOGGING = logs.config(LOG_LEVEL, as_json=True, levels={**LOG_LEVELS, "nija.requests": "INFO"})

STATIC_ROOT = BASE_DIR / "build" / "static"  # where `collectstatic` puts them
WHITENOISE_USE_FINDERS = False
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
