"""Every test runs on real servers: the embedded ones of the checkout, or those of the URLs."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from copy import deepcopy
from typing import Any

import pytest
import pytest_django
import redis
from django.conf import settings
from django.core.management.commands import flush
from django.db import IntegrityError, OperationalError, connection, transaction
from django.db.backends.postgresql.operations import DatabaseOperations

from nija import startup
from nija.settings import env
from tests.databases import drop_database, make_database
from tests.emptying import empty_tables
from trading.gates.bounds import NO_BOUNDS

FLUSHES = 5


@pytest.fixture
def without_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Orders as large as the money allows: of margin, debt and the last of the cash nothing is seen
    where nobody may put a tenth of an account into one position."""
    monkeypatch.setattr(
        "apps.execution.services.people.bounds_in_force", lambda *_, **__: NO_BOUNDS
    )


@pytest.fixture(scope="session")
def servers() -> Iterator[None]:
    """PostgreSQL and Valkey are up, and this worker's numbered Valkey database is empty.

    The servers are shared by all workers of a parallel run and stay until the last has ended.
    """
    startup.use_servers()
    with redis.from_url(settings.REDIS_URL) as valkey:
        valkey.flushdb()
        yield
        valkey.flushdb()


@pytest.fixture(scope="session")
def django_db_setup(
    servers: None,
    django_test_environment: None,
    django_db_blocker: pytest_django.DjangoDbBlocker,
    worker_id: str,
) -> Iterator[None]:
    """This worker's database, made once the servers are up: pure tests start none."""
    usual = connection.settings_dict["NAME"]
    name = f"test_{usual}_{worker_id}"
    with django_db_blocker.unblock():
        make_database(name)
        empty_tables()  # the first test begins with what is left after any that commits
    yield
    with django_db_blocker.unblock():
        drop_database(name, usual)


@pytest.fixture(scope="session", autouse=True)
def patient_flush() -> Iterator[None]:
    """Empty the tables again where that met somebody at work in them: processes of a test (a web
    server, a worker) may still be answering when it ends. What the migrations wrote of models stays
    (`emptying.KEPT`), so that it need not be written again.
    """

    def again_and_again(operations: DatabaseOperations, statements: Sequence[str]) -> None:
        for _ in range(FLUSHES - 1):
            with suppress(OperationalError, IntegrityError):
                empty_tables()
                return
        empty_tables()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseOperations, "execute_sql_flush", again_and_again)
        patch.setattr(flush, "emit_post_migrate_signal", lambda *_: None)
        yield


@pytest.fixture(scope="module")
def rows_of_the_file(
    django_db_setup: None, django_db_blocker: pytest_django.DjangoDbBlocker
) -> Iterator[None]:
    """The database for a world that is made once for all tests of a file (`django_db`): what each
    of them changes is undone after it, the world after the last.
    """
    around = transaction.atomic()
    around._from_testcase = True  # type: ignore[attr-defined]  # no use case's: `db.durable` allows
    with django_db_blocker.unblock(), around:
        yield
        transaction.set_rollback(True)


@pytest.fixture
def lab(lab_of_the_file: Any, db: None) -> Any:
    """What the tests of a file share, as each of them finds it: rows are undone, and objects are
    copies."""
    return deepcopy(lab_of_the_file)


@pytest.fixture
def valkey(servers: None) -> Iterator[redis.Redis]:
    """A client of this worker's Valkey database, which is emptied before the test."""
    with redis.from_url(settings.REDIS_URL) as client:
        client.flushdb()
        yield client


@pytest.fixture
def child_environment(transactional_db: None) -> Mapping[str, str]:
    """For a process that a test starts: it sees this worker's test database and Valkey database."""
    return {
        **env.inherited(),
        "DJANGO_SETTINGS_MODULE": "nija.settings.test",
        "DATABASE_URL": env.database_url(connection.settings_dict),
        "REDIS_URL": settings.REDIS_URL,
        "PYTHONUNBUFFERED": "1",
    }


@pytest.fixture(autouse=True)
def no_logged_errors(
    request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture
) -> Iterator[None]:
    """A logged error fails the test, unless it is marked `logs_errors`."""
    yield
    if request.node.get_closest_marker("logs_errors"):
        return
    logged = [*caplog.get_records("setup"), *caplog.get_records("call")]
    errors = [record.getMessage() for record in logged if record.levelno >= logging.ERROR]
    assert not errors, f"logged errors: {errors}"
