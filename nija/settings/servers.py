"""The settings that say where PostgreSQL and Valkey are, for any pair of addresses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nija import embedded
from nija.embedded import Profile, ServerName
from nija.settings import env


class ServerSettings:
    """`DATABASE_URL` and `REDIS_URL` where they are set, the embedded servers of `root` otherwise.

    Looking up an address starts nothing; `nija.startup.use_servers` starts what `needed` names.
    """

    def __init__(self, root: Path, *, profile: Profile, redis_number: int | None = None) -> None:
        database_url, redis_url = env.text("DATABASE_URL"), env.text("REDIS_URL")
        needed: list[ServerName] = []
        if not database_url:
            needed.append("postgres")
            database_url = embedded.address(root, "postgres", profile=profile)
        if not redis_url:
            needed.append("valkey")
            redis_url = embedded.address(root, "valkey", profile=profile)
        if redis_number is not None:
            redis_url = env.redis_database(redis_url, redis_number)
        self.needed: tuple[ServerName, ...] = tuple(needed)
        self.database_url, self.redis_url = database_url, redis_url

    @property
    def databases(self) -> dict[str, dict[str, Any]]:
        return {"default": env.database(self.database_url)}

    @property
    def caches(self) -> dict[str, dict[str, Any]]:
        backend = "django.core.cache.backends.redis.RedisCache"
        # Nobody's question hangs on a server that does.
        patience = {"socket_timeout": 2, "socket_connect_timeout": 2}
        return {
            "default": {
                "BACKEND": backend,
                "LOCATION": self.redis_url,
                "KEY_PREFIX": "cache",
                "OPTIONS": patience,
            }
        }

    @property
    def channel_layers(self) -> dict[str, dict[str, Any]]:
        return {
            "default": {
                "BACKEND": "channels_redis.core.RedisChannelLayer",
                "CONFIG": {
                    # Longer than the layer's waits of 5 s, or every quiet one ends in an error.
                    "hosts": [{"address": self.redis_url, "socket_timeout": 15}],
                    "capacity": 1000,
                    "expiry": 30,
                    "group_expiry": 120,  # a process that died is told for so long
                },
            }
        }

    @property
    def broker_url(self) -> str:
        return env.celery_broker(self.redis_url)
