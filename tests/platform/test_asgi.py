"""HTTP under daphne, which serves a checkout."""

import urllib.request
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

from django.db import connection

from tests import fakes
from tests.platform.server_processes import wait_until
from tests.streams.web import running_web, token_of

AT_ONCE = 8
QUESTIONS = 80


def test_a_request_that_is_answered_holds_no_connection_to_the_database(
    child_environment: Mapping[str, str],
) -> None:
    world = fakes.world()
    token = token_of(world.alice, "alice-long-password")
    before = _connections()
    with running_web(child_environment) as web, ThreadPoolExecutor(AT_ONCE) as threads:
        address = f"http://127.0.0.1:{web.port}/api/v1/account/balance"
        request = urllib.request.Request(address, headers={"Authorization": f"Bearer {token}"})

        def ask(_: int) -> int:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return int(answer.status)

        assert set(threads.map(ask, range(QUESTIONS))) == {200}
        wait_until(lambda: _connections() == before, seconds=2)


def _connections() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")
        return int(cursor.fetchone()[0])
