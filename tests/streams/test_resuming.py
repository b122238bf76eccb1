"""Every event once and in sequence, wherever a client begins."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from threading import Event

import pytest
from django.db import connections

from apps.accounts.models import User
from apps.events.selectors import last_sequences
from apps.events.services.relay import relay
from tests.events.recordings import record
from tests.streams.telling import deposit
from tests.streams.web import Web


def test_nothing_is_lost_between_a_snapshot_and_what_follows_it(web: Web, alice: User) -> None:
    """Clients come while events are told without a pause."""
    is_enough = Event()
    with ThreadPoolExecutor(1) as teller, ExitStack() as opened:
        telling = teller.submit(tell_until, is_enough, alice)
        sockets = [opened.enter_context(web.socket(alice)) for _ in range(6)]
        is_enough.set()
        telling.result()
        last = last_sequences([alice.pk])[alice.pk]

        for socket in sockets:
            start = socket.next("snapshot")["sequence"]
            assert socket.events(last - start) == list(range(start + 1, last + 1))


def tell_until(is_enough: Event, user: User) -> None:
    try:
        while not is_enough.is_set():
            record(user)
            relay()
    finally:
        connections.close_all()


def test_resuming_replays_what_was_missed_and_nothing_twice(web: Web, alice: User) -> None:
    relay()
    with web.socket(alice) as socket:
        start = socket.next("snapshot")["sequence"]
        deposit(alice, 2)
        assert socket.events(2) == [start + 1, start + 2]
    deposit(alice, 3)

    with web.socket(alice, after=start + 2) as socket:
        first = socket.next()
        deposit(alice, 2)

        assert (first["type"], first["sequence"]) == ("event", start + 3)
        assert socket.events(4) == [start + 4, start + 5, start + 6, start + 7]
        assert socket.hears_nothing()


def test_resuming_at_the_end_hears_only_what_is_new(web: Web, alice: User) -> None:
    relay()
    with web.socket(alice) as socket:
        start = socket.next("snapshot")["sequence"]

    with web.socket(alice, after=start) as socket:
        assert socket.next()["type"] == "trading_state"
        deposit(alice)
        assert socket.events(1) == [start + 1]


@pytest.mark.parametrize("after", [1_000_000, 2**70])
def test_resuming_from_what_never_was_starts_afresh(web: Web, alice: User, after: int) -> None:
    relay()

    with web.socket(alice, after=after) as socket:
        first = socket.next()
        deposit(alice)

        assert first["type"] == "snapshot"
        assert socket.events(1) == [first["sequence"] + 1]


def test_too_far_behind_is_a_new_snapshot(web: Web, alice: User) -> None:
    record(alice, 1_100)
    relay()

    with web.socket(alice, after=1) as socket:
        first = socket.next()
    with web.socket(alice, after=first["sequence"] - 1_000) as socket:
        replayed = socket.events(1_000)

    assert first["type"] == "snapshot"
    assert replayed == list(range(first["sequence"] - 999, first["sequence"] + 1))
