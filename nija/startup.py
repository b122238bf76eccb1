"""What every process of the platform does before it serves: servers up, no demo in production."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor

import django
from django.conf import settings
from django.core.checks import Tags, run_checks
from django.core.checks.messages import CheckMessage
from django.db import connections

from nija import embedded


def use_servers() -> None:
    """Start the embedded servers that the settings need, for as long as this process lives."""
    if settings.EMBEDDED_SERVERS:
        embedded.ensure(
            settings.BASE_DIR,
            profile=settings.EMBEDDED_PROFILE,
            only=settings.EMBEDDED_SERVERS,
        )


def refuse_demo_users() -> None:
    """End this process, saying why, when the database holds what production must not serve."""
    if not settings.REFUSE_DEMO_USERS:
        return
    django.setup()
    # A thread of its own: an ASGI server may import us inside its event loop.
    with ThreadPoolExecutor(max_workers=1) as thread:
        problems = thread.submit(_problems_of_the_database).result()
    if problems:
        sys.exit("Not started:\n" + "\n".join(f"  {problem.msg}" for problem in problems))


def become_a_part() -> None:
    """Both; for web, worker and beat processes."""
    use_servers()
    refuse_demo_users()


def _problems_of_the_database() -> list[CheckMessage]:
    try:
        found = run_checks(tags=[Tags.database], databases=list(connections))
    finally:
        connections.close_all()
    return [message for message in found if message.is_serious()]
