"""How long anybody waits for a lock, and how long a lock may be held by whoever does nothing."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

import pytest
from django.db import InternalError, OperationalError, connection, transaction

from apps.common.locks import session_lock, transaction_lock

pytestmark = pytest.mark.django_db(transaction=True)

NAME = "a lock of this test"
HELD_SECONDS = 0.5
LESS = "100ms"


@pytest.fixture
def impatient() -> Iterator[None]:
    """This connection gives up much sooner than the settings say."""
    _do(f"SET lock_timeout = '{LESS}'")
    yield
    _do("RESET lock_timeout")


def _do(statement: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return str(cursor.fetchone()[0]) if cursor.description else ""


@contextmanager
def held_elsewhere() -> Iterator[None]:
    """Another holds the lock, and lets go in a while."""
    has_it = Event()

    def hold() -> None:
        try:
            with transaction.atomic():
                transaction_lock(NAME)
                has_it.set()
                time.sleep(HELD_SECONDS)
        finally:
            connection.close()

    holder = Thread(target=hold)
    holder.start()
    assert has_it.wait(10)
    yield
    holder.join()


def test_every_connection_gives_up_and_is_given_up() -> None:
    assert _do("SHOW lock_timeout") == "20s"
    assert _do("SHOW idle_in_transaction_session_timeout") == "1min"


def test_who_closes_candles_waits_however_long_for_the_one_before(impatient: None) -> None:
    with held_elsewhere(), session_lock(NAME, wait=True) as is_held:
        assert is_held
        assert _do("SHOW lock_timeout") == LESS


def test_who_wants_a_lock_alone_waits_however_long_and_then_for_no_other(impatient: None) -> None:
    with held_elsewhere(), transaction.atomic():
        transaction_lock(NAME)
        assert _do("SHOW lock_timeout") == LESS


def test_who_shares_a_lock_gives_up(impatient: None) -> None:
    error = pytest.raises(OperationalError, match="lock timeout")
    with held_elsewhere(), error, transaction.atomic():
        transaction_lock(NAME, shared=True)


def test_whoever_does_nothing_with_a_transaction_open_loses_its_locks() -> None:
    has_it, ended = Event(), Event()

    def hold() -> None:
        try:
            with transaction.atomic():
                _do("SET LOCAL idle_in_transaction_session_timeout = '200ms'")
                transaction_lock(NAME)
                has_it.set()
                time.sleep(HELD_SECONDS)
                _do("SELECT 1")
        except InternalError:
            ended.set()
        finally:
            connection.close()

    holder = Thread(target=hold)
    holder.start()
    assert has_it.wait(10)
    with transaction.atomic():
        transaction_lock(NAME)
        assert holder.is_alive()
    holder.join()
    assert ended.is_set()
