"""A database of its own for a run. Imported when Django is set up."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from django.conf import settings
from django.db import connection

from nija import startup
from nija.settings import env
from tests.databases import drop_database, make_database


@contextmanager
def own_database() -> Iterator[Mapping[str, str]]:
    """An empty one while it lasts, dropped afterwards; the environment of processes that use it.

    The embedded server keeps its data safe here (fsync on), as production does.
    """
    startup.use_servers()
    usual = connection.settings_dict["NAME"]
    name = f"test_{usual}"
    make_database(name)
    try:
        yield {
            **env.inherited(),
            "DJANGO_SETTINGS_MODULE": os.environ["DJANGO_SETTINGS_MODULE"],
            "DATABASE_URL": env.database_url(connection.settings_dict),
            "REDIS_URL": settings.REDIS_URL,
            "PYTHONUNBUFFERED": "1",
        }
    finally:
        drop_database(name, usual)
