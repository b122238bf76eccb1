"""The tests: servers of their own, which keep nothing safe and share nothing between workers."""

from nija.settings import env
from nija.settings.base import *
from nija.settings.servers import ServerSettings

SECRET_KEY = "only-for-tests-" + "x" * 50
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "testserver"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # fast; hashes no real secret
API_RATES = dict.fromkeys(API_RATES, 100_000)  # all tests come from one address

# Each worker of a parallel run ("gw0", "gw1", …) has a numbered Valkey database; 0 stays free.
_worker = env.text("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
_servers = ServerSettings(BASE_DIR, profile="test", redis_number=int(_worker) + 1)
EMBEDDED_SERVERS = _servers.needed
EMBEDDED_PROFILE = "test"
DATABASE_URL, REDIS_URL = _servers.database_url, _servers.redis_url
DATABASES = _servers.databases
CACHES = _servers.caches
CHANNEL_LAYERS = _servers.channel_layers
CELERY_BROKER_URL = _servers.broker_url
