#!/usr/bin/env python
"""Django's commands. A checkout with no DATABASE_URL and REDIS_URL uses its embedded servers."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from django.core.management.base import CommandParser, handle_default_options

from nija import startup
from nija.embedded import EmbeddedServerError

# `run` starts the servers itself, since it may have to reset them first.
NEED_NO_SERVERS = frozenset(
    {
        "run", "check_strategy", "collectstatic", "describe_codes", "help", "version", "what_if",
        "--help", "--version",
    }
)  # fmt: skip
# Parts of the platform that are commands; the others are started as ASGI, WSGI or Celery.
ARE_PARTS = frozenset({"run", "feed", "runserver"})


def main(arguments: list[str]) -> None:
    """Run one command with the servers that it needs."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "nija.settings.dev")
    # Django looks at `--settings` later than we need it.
    parser = CommandParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--settings")
    parser.add_argument("--pythonpath")
    handle_default_options(parser.parse_known_args(arguments[2:])[0])
    command = arguments[1] if len(arguments) > 1 else "help"
    try:
        if command not in NEED_NO_SERVERS:
            startup.use_servers()
        if command in ARE_PARTS - NEED_NO_SERVERS:
            startup.refuse_demo_users()
        execute_from_command_line(arguments)
    except (EmbeddedServerError, ImproperlyConfigured) as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    main(sys.argv)
