"""What was recorded is sealed into its chain and told, in order, whoever else is at it."""

import logging
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import wraps
from threading import Event as Flag
from typing import ParamSpec, TypeVar

import pytest
from django.db import connections, transaction

from apps.accounts.models import User
from apps.common.locks import session_lock
from apps.events.models import Event
from apps.events.services import ReceiverAway
from apps.events.services import relay as relaying
from apps.events.services.relay import relay
from apps.events.services.sealing import seal_batch
from tests.events import listening
from tests.events.recordings import record, sequences

P = ParamSpec("P")
R = TypeVar("R")


def test_each_tenant_has_a_chain_without_holes(alice: User, bob: User) -> None:
    record(alice, 3)
    record(bob, 2)
    record(alice)

    assert relay() == 6
    record(alice, 2)
    relay()

    assert sequences(alice) == [1, 2, 3, 4, 5, 6]
    assert sequences(bob) == [1, 2]


def test_the_platform_has_a_chain_of_its_own(alice: User) -> None:
    record(None, 2)
    record(alice)
    relay()
    record(None)
    relay()

    assert sequences(None) == [1, 2, 3]
    assert sequences(alice) == [1]


def test_a_second_round_tells_nothing_again(alice: User) -> None:
    record(alice, 2)

    assert [relay(), relay()] == [2, 0]
    assert listening.told == [(alice.pk, 1, "money.deposited"), (alice.pk, 2, "money.deposited")]


def test_a_reaction_that_fails_leaves_the_rows_for_the_next_round(
    alice: User, caplog: pytest.LogCaptureFixture
) -> None:
    def away(_: Sequence[Event]) -> None:
        raise ReceiverAway("nobody answers")

    record(alice, 2)
    listening.first.append(away)

    assert relay() == 0
    assert Event.objects.filter(relayed_at=None, sequence__isnull=False).count() == 2
    assert "2 events wait: nobody answers" in caplog.text

    listening.first.clear()
    record(alice)
    assert relay() == 3
    assert [sequence for _, sequence, _ in listening.told] == [1, 2, 3]


@pytest.mark.logs_errors
@pytest.mark.django_db(transaction=True)
def test_a_mistake_in_a_reaction_is_logged_and_loses_nothing(
    alice: User, caplog: pytest.LogCaptureFixture
) -> None:
    def mistaken(_: Sequence[Event]) -> None:
        raise ZeroDivisionError

    record(alice)
    listening.first.append(mistaken)

    assert relay() == 0
    assert [entry.levelno for entry in caplog.records] == [logging.ERROR]

    listening.first.clear()
    assert relay() == 1


def test_what_a_reaction_records_is_told_in_the_same_call(alice: User) -> None:
    def answer(_: Sequence[Event]) -> None:
        listening.first.clear()
        record(alice)

    record(None)
    listening.first.append(answer)

    assert relay() == 2
    assert (alice.pk, 1, "money.deposited") in listening.told


@pytest.mark.django_db(transaction=True)
def test_an_event_recorded_while_the_lock_is_let_go_is_not_left_behind(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = iter([None])

    @contextmanager
    def lock(name: str, *, wait: bool) -> Iterator[bool]:
        with session_lock(name, wait=wait) as is_ours:
            yield is_ours
            for _ in late:  # once: all is sealed and told, and the lock still held
                record(alice)
                with ThreadPoolExecutor(1) as woken:
                    assert woken.submit(in_thread(relay)).result() == 0

    monkeypatch.setattr(relaying, "session_lock", lock)
    record(None)

    assert relay() == 2
    assert sequences(alice) == [1]


@pytest.mark.django_db(transaction=True)
def test_a_slow_transaction_does_not_turn_the_order_round(alice: User) -> None:
    """Its ids are lower than those that were sealed before it."""
    has_recorded, may_commit = Flag(), Flag()

    @transaction.atomic
    def slow() -> None:
        record(alice, 2, slow=True)
        has_recorded.set()
        may_commit.wait(10)

    with ThreadPoolExecutor(1) as other:
        work = other.submit(in_thread(slow))
        assert has_recorded.wait(10)
        record(alice, 2, slow=False)
        seal_batch()
        may_commit.set()
        work.result()
    relay()

    assert [sequence for _, sequence, _ in listening.told] == [1, 2, 3, 4]
    late = Event.objects.filter(payload__slow=True)
    assert list(late.order_by("id").values_list("sequence", flat=True)) == [3, 4]


@pytest.mark.django_db(transaction=True)
def test_many_relays_beside_many_writers_tell_each_event_once_and_in_order(
    alice: User, bob: User
) -> None:
    people = [alice, bob, None]

    def write(number: int) -> None:
        for turn in range(10):
            record(people[(number + turn) % 3], 1 + turn % 3)

    def tell(_: int) -> None:
        for _ in range(15):
            relay()

    with ThreadPoolExecutor(6) as threads:
        work = [threads.submit(in_thread(write), number) for number in range(3)]
        work += [threads.submit(in_thread(tell), number) for number in range(3)]
        for done in work:
            done.result()
    relay()

    written = Event.objects.count()
    assert written == len(listening.told)
    for person in people:
        whole = list(range(1, Event.objects.filter(user=person).count() + 1))
        heard = [number for user, number, _ in listening.told if user == (person and person.pk)]
        assert heard == whole
        assert sequences(person) == whole


def in_thread(work: Callable[P, R]) -> Callable[P, R]:
    """With a database connection that is closed afterwards: the test's database must be idle."""

    @wraps(work)
    def closing(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return work(*args, **kwargs)
        finally:
            connections.close_all()

    return closing
