"""Events are rows of the transaction of their fact. Waking the relay may fail, and fails fast."""

import time
from collections.abc import Iterator

import pytest
import redis
from celery import Celery
from django.conf import settings
from django.db import transaction

from apps.accounts.models import User
from apps.common.db import OutsideTransaction
from apps.events import services as events
from apps.events.models import Event
from apps.events.services.recording import wake_relay
from apps.events.services.relay import relay
from nija.celery import app as ours
from nija.settings import env
from tests.events.recordings import record
from tests.fakes import MONDAY
from tests.valkey import PrivateValkey, private_valkey

PATIENCE = settings.CELERY_BROKER_TRANSPORT_OPTIONS


class Undone(Exception):
    pass


@pytest.mark.django_db(transaction=True)
def test_an_event_needs_the_transaction_of_its_fact(alice: User) -> None:
    with pytest.raises(OutsideTransaction):
        events.record("money.deposited", user_id=alice.pk, happened_at=MONDAY)


def test_an_event_goes_when_its_fact_is_rolled_back(alice: User) -> None:
    @transaction.atomic
    def half() -> None:
        record(alice)
        raise Undone

    with pytest.raises(Undone):
        half()

    assert not Event.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_commit_wakes_the_relay(alice: User, valkey: redis.Redis) -> None:
    record(alice)

    (message,) = valkey.lrange(settings.CELERY_TASK_DEFAULT_QUEUE, 0, -1)
    assert b'"task": "apps.events.tasks.relay"' in message


@pytest.fixture
def broker() -> Iterator[PrivateValkey]:
    """Tasks go to a Valkey that may be killed."""
    with private_valkey() as server:
        app = Celery("of this test", set_as_current=False)
        app.config_from_object("django.conf:settings", namespace="CELERY")
        app.conf.broker_url = env.celery_broker(server.url)
        app.conf.broker_transport_options = {**PATIENCE, "socket_timeout": 1}  # not the whole 5 s
        app.set_current()
        wake_relay()  # connected, as a process is that has been at work for a while
        yield server
        ours.set_current()
        app.close()


@pytest.mark.django_db(transaction=True)
def test_the_fact_is_kept_when_valkey_is_down(alice: User, broker: PrivateValkey) -> None:
    broker.kill()

    started = time.monotonic()
    for _ in range(3):
        record(alice)

    assert time.monotonic() - started < 1
    assert Event.objects.count() == 3
    assert relay() == 3  # as the sweep does when a worker is back


@pytest.mark.django_db(transaction=True)
def test_a_valkey_that_hangs_holds_nobody_for_long(alice: User, broker: PrivateValkey) -> None:
    broker.hang()

    started = time.monotonic()
    record(alice)

    assert time.monotonic() - started < 2
    assert PATIENCE["socket_timeout"] <= 5
