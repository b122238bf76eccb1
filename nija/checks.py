"""Checks of the database that production runs on; `nija.startup` runs them in every part."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.checks import Error, Tags, register
from django.core.checks.messages import CheckMessage
from django.db import connections


@register(Tags.database)
def no_demo_users(
    app_configs: Sequence[AppConfig] | None,
    databases: Sequence[str] | None = None,
    **_options: Any,
) -> list[CheckMessage]:
    """Anybody may have read a demo user's password off a terminal."""
    if not settings.REFUSE_DEMO_USERS:
        return []
    users = get_user_model()
    found = 0
    for alias in databases or ():
        with connections[alias].cursor() as cursor:
            columns = _columns(cursor, users._meta.db_table)
        if "is_demo" in columns:  # else: nothing is migrated yet, so there is nobody
            found += users.objects.using(alias).filter(is_demo=True).count()
    if not found:
        return []
    return [
        Error(
            f"The database holds {found} demo users, whose passwords were printed. "
            "Production needs a database of its own: set DATABASE_URL.",
            id="nija.E001",
        )
    ]


def _columns(cursor: Any, table: str) -> set[str]:
    cursor.execute(
        "SELECT column_name FROM information_schema.columns"
        " WHERE table_schema = current_schema() AND table_name = %s",
        [table],
    )
    return {name for (name,) in cursor.fetchall()}
