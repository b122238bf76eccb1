"""A checkout on somebody's machine, the demo included: nothing needs to be set."""

from decimal import Decimal

from nija.embedded import private
from nija.settings import env
from nija.settings.base import *
from nija.settings.servers import ServerSettings

DEBUG = env.flag("DEBUG")  # off even here: it keeps every query in memory
SECRET_KEY = env.text("SECRET_KEY") or private.private_secret(
    private.var_folder(BASE_DIR) / "secret_key"
)
ALLOWED_HOSTS = env.names("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")

_servers = ServerSettings(BASE_DIR, profile="default")
EMBEDDED_SERVERS = _servers.needed
DATABASE_URL, REDIS_URL = _servers.database_url, _servers.redis_url
DATABASES = _servers.databases
CACHES = _servers.caches
CHANNEL_LAYERS = _servers.channel_layers
CELERY_BROKER_URL = _servers.broker_url

# A demo's market plays a minute a second: five losses in a row, and one hour in twenty that is
# wilder than all others, would stop it within minutes, while nobody looks. The gate of volatility
# refuses all the same.
AUTOMATIC |= {
    "AUTOMATIC_CONSECUTIVE_LOSSES": env.amount("AUTOMATIC_CONSECUTIVE_LOSSES", Decimal(0)),
    "AUTOMATIC_BLACK_SWAN": env.amount("AUTOMATIC_BLACK_SWAN", Decimal(0)),
}
