"""The database of a test process: a copy of one that was migrated once for all of them, and for
later runs too, until a migration changes."""

import hashlib
import re
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.backends.utils import CursorWrapper

ROOT = Path(__file__).parents[1]
TEMPLATES = "nija_migrated_"
OURS = re.compile(r"^(?:from|import) (apps[\w.]+)", re.MULTILINE)


def make_database(name: str) -> None:
    """Make it anew, and have Django's connection go there."""
    template = TEMPLATES + fingerprint()
    with connection._nodb_cursor() as cursor:  # to the server, as Django's own tests have it
        # One process at a time: a database that is being copied may have no other guest. Migrating
        # takes longer than the platform waits for a lock.
        cursor.execute("SET lock_timeout = 0")
        cursor.execute("SELECT pg_advisory_lock(hashtext(%s))", [TEMPLATES])
        if template not in _templates(cursor):
            _forget(cursor)
            _migrate(cursor, template)
        cursor.execute(f"DROP DATABASE IF EXISTS {_quoted(name)} WITH (FORCE)")
        cursor.execute(f"CREATE DATABASE {_quoted(name)} TEMPLATE {_quoted(template)}")
    _connect(name)


def drop_database(name: str, usual: str) -> None:
    """Drop it; Django's connection goes to the usual one again."""
    _connect(usual)
    with connection._nodb_cursor() as cursor:
        cursor.execute(f"DROP DATABASE {_quoted(name)} WITH (FORCE)")


def fingerprint() -> str:
    """Of what the migrations make: they, what of ours they import, and the applications of
    others."""
    migrations = sorted(ROOT.glob("apps/*/migrations/*.py"))
    imported = {name for file in migrations for name in OURS.findall(file.read_text())}
    modules = (ROOT / f"{name.replace('.', '/')}.py" for name in sorted(imported))
    files = [*migrations, *filter(Path.exists, modules), ROOT / "requirements.txt"]
    said = [*(file.read_bytes() for file in files), repr(settings.INSTALLED_APPS).encode()]
    return hashlib.sha256(b"\0".join(said)).hexdigest()[:16]


def _migrate(cursor: CursorWrapper, template: str) -> None:
    """Under another name until it is done, so that half a one is never copied."""
    before, draft = connection.settings_dict["NAME"], f"{TEMPLATES}draft"
    cursor.execute(f"CREATE DATABASE {_quoted(draft)}")
    _connect(draft)
    try:
        call_command("migrate", verbosity=0)
    finally:
        _connect(before)
    cursor.execute(f"ALTER DATABASE {_quoted(draft)} RENAME TO {_quoted(template)}")


def _forget(cursor: CursorWrapper) -> None:
    for name in _templates(cursor):
        cursor.execute(f"DROP DATABASE {_quoted(name)} WITH (FORCE)")


def _templates(cursor: CursorWrapper) -> list[str]:
    cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [TEMPLATES])
    return [name for (name,) in cursor.fetchall()]


def _connect(name: str) -> None:
    connection.close()
    settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = name


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)
