"""Valkey is killed and comes back with nothing in it; every event is still heard, once."""

import time
from collections.abc import Iterator
from copy import deepcopy

import pytest
from pytest_django import Settings

from apps.accounts.models import User
from apps.events.models import Event
from apps.events.services.relay import relay
from nija.settings import env
from tests.events.recordings import record
from tests.streams.web import Web, on_this_workers_servers, running_web
from tests.valkey import PrivateValkey, private_valkey


@pytest.fixture
def valkey_of_its_own(settings: Settings) -> Iterator[PrivateValkey]:
    """The relay of this process publishes to it."""
    with private_valkey() as server:
        layers = deepcopy(settings.CHANNEL_LAYERS)
        layers["default"]["CONFIG"]["hosts"][0]["address"] = env.redis_database(server.url, 1)
        settings.CHANNEL_LAYERS = layers
        yield server


@pytest.fixture
def web_on_it(valkey_of_its_own: PrivateValkey, transactional_db: None) -> Iterator[Web]:
    with running_web(
        {
            **on_this_workers_servers(),
            "REDIS_URL": valkey_of_its_own.url,
            "PYTEST_XDIST_WORKER": "gw0",  # which has database 1
        }
    ) as process:
        yield process


def test_a_restart_of_valkey_costs_nobody_an_event(
    valkey_of_its_own: PrivateValkey, web_on_it: Web, alice: User
) -> None:
    relay()
    with web_on_it.socket(alice) as socket:
        start = socket.next("snapshot")["sequence"]
        record(alice, 2)
        relay()
        assert socket.events(2) == [start + 1, start + 2]

        valkey_of_its_own.kill()
        record(alice, 2)
        assert relay() == 0
        assert Event.objects.filter(relayed_at=None).count() == 2

        with web_on_it.socket(alice) as newcomer:
            assert newcomer.next()["sequence"] == start + 4, "signing in needs no Valkey"

        valkey_of_its_own.start()
        assert _told_within_seconds() == 2, "told, to whoever has come back so far"
        assert socket.events(2) == [start + 3, start + 4]

        record(alice, 2)
        relay()
        assert socket.events(2) == [start + 5, start + 6]
        assert socket.hears_nothing()


def _told_within_seconds() -> int:
    """The first try may find a connection that died with the old server; the sweep tries again."""
    told = 0
    for _ in range(50):
        told += relay()
        if told:
            break
        time.sleep(0.1)
    return told
