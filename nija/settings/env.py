"""The only reader of the environment: typed, and clear about what it does not understand.

A file `.env` in the checkout may hold `KEY=VALUE` lines; the real environment wins over it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, quote, unquote, urlencode, urlsplit, urlunsplit

from django.core.exceptions import ImproperlyConfigured

TRUE: Final = frozenset({"1", "true", "yes", "on"})
FALSE: Final = frozenset({"0", "false", "no", "off", ""})
POSTGRES_SCHEMES: Final = frozenset({"postgres", "postgresql"})
# Whoever holds a lock and does nothing is ended, and nobody waits for a lock for longer: one broken
# client must not hold up everybody's money. What they mean: docs/deploy.md.
PATIENCE: Final = "-c lock_timeout=20s -c idle_in_transaction_session_timeout=60s"

_from_file: dict[str, str] = {}


def read_file(path: Path) -> None:
    """Take over the `KEY=VALUE` lines of a file, where there is one."""
    if not path.is_file():
        return
    for number, line in enumerate(path.read_text().splitlines(), start=1):
        stripped = line.strip()
        if not stripped or stripped.startswith("#"):
            continue
        name, equals, value = stripped.removeprefix("export ").partition("=")
        if not equals or not name.strip().isidentifier():
            raise ImproperlyConfigured(f"{path}, line {number}: expected KEY=VALUE")
        _from_file[name.strip()] = _unquoted(value.strip())


def text(name: str, default: str = "") -> str:
    """The variable, or the default where it is unset or empty."""
    return os.environ.get(name) or _from_file.get(name) or default


def flag(name: str, *, default: bool = False) -> bool:
    """A yes or a no."""
    said = text(name).lower()
    if not said:
        return default
    if said not in TRUE | FALSE:
        raise ImproperlyConfigured(f"{name}={said!r}: expected yes or no (1/0, true/false, on/off)")
    return said in TRUE


def integer(name: str, default: int) -> int:
    """A whole number."""
    said = text(name)
    try:
        return int(said) if said else default
    except ValueError:
        raise ImproperlyConfigured(f"{name}={said!r}: expected a whole number") from None


def amount(name: str, default: Decimal) -> Decimal:
    """A number that is not below 0."""
    said = text(name)
    try:
        number = Decimal(said) if said else default
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or number < 0:
        raise ImproperlyConfigured(f"{name}={said!r}: expected a number, 0 or more")
    return number


def port(name: str, default: int) -> int:
    """A TCP port."""
    number = integer(name, default)
    if not 0 < number < 65536:  # noqa: PLR2004 - the range of a port
        raise ImproperlyConfigured(f"{name}={number}: a port is between 1 and 65535")
    return number


def names(name: str, default: str = "") -> list[str]:
    """A list separated by commas."""
    return [part.strip() for part in text(name, default).split(",") if part.strip()]


def pairs(name: str) -> dict[str, str]:
    """A list of `key=value`, separated by commas."""
    found: dict[str, str] = {}
    for part in names(name):
        key, equals, value = part.partition("=")
        if not equals or not key.strip() or not value.strip():
            raise ImproperlyConfigured(f"{name}: '{part}': expected name=value")
        found[key.strip()] = value.strip()
    return found


def inherited() -> Mapping[str, str]:
    """The environment as it is, to be handed on to a child process."""
    return {**_from_file, **os.environ}


def database(url: str) -> dict[str, Any]:
    """Django's settings for `postgresql://user:password@host:port/name?option=value`.

    `?host=/folder` is a Unix socket. Other options go to the driver (`sslmode`, …); its `options`,
    where there are some, stand for ours.
    """
    parts = urlsplit(url)
    if parts.scheme not in POSTGRES_SCHEMES:
        raise ImproperlyConfigured("DATABASE_URL: only postgresql:// is supported")
    options = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    host = options.pop("host", None) or unquote(parts.hostname or "")
    port_number = options.pop("port", None) or str(parts.port or "")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": port_number,
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,  # a restarted server costs one query, not one error
        "OPTIONS": {"options": PATIENCE, **options},
    }


def database_url(database: Mapping[str, Any]) -> str:
    """The opposite of `database`: the URL of one of Django's settings."""
    query = {**database.get("OPTIONS", {}), "host": database["HOST"], "port": database["PORT"]}
    words = {key: value for key, value in query.items() if isinstance(value, str | int) and value}
    user, password = (quote(database[key], safe="") for key in ("USER", "PASSWORD"))
    name = quote(database["NAME"], safe="")
    # PostgreSQL's own library reads it too, and takes a plus for a plus.
    return f"postgresql://{user}:{password}@/{name}?{urlencode(words, quote_via=quote)}"


def redis_database(url: str, number: int) -> str:
    """The same server, another of its numbered databases."""
    parts = urlsplit(url)
    if parts.scheme == "unix":
        return f"unix://{parts.path}?db={number}"
    return urlunsplit(parts._replace(path=f"/{number}"))


def celery_broker(url: str) -> str:
    """The spelling of a Redis address that Celery wants."""
    parts = urlsplit(url)
    if parts.scheme not in {"unix", "redis", "rediss"}:
        raise ImproperlyConfigured("REDIS_URL: expected redis://, rediss:// or unix://")
    if parts.scheme != "unix":
        return url
    number = parse_qs(parts.query).get("db", ["0"])[-1]
    return f"redis+socket://{parts.path}?virtual_host={number}"


def _unquoted(value: str) -> str:
    for mark in ('"', "'"):
        if len(value) > 1 and value.startswith(mark) and value.endswith(mark):
            return value[1:-1]
    return value
