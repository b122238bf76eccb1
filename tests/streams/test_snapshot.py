"""A snapshot is one moment of a user's books, and says which."""

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from django.db import connections

from apps.accounts.models import User
from apps.dashboard.selectors import snapshot as snapshots
from apps.dashboard.selectors.books import Book, books
from apps.dashboard.selectors.snapshot import read_snapshot
from apps.events.selectors import last_sequences
from apps.events.services.relay import relay
from tests.streams.telling import deposit


def test_what_is_committed_while_it_is_read_is_in_no_part_of_it(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    relay()
    before = last_sequences([alice.pk])[alice.pk]

    def meanwhile() -> None:
        deposit(alice)
        connections.close_all()

    def books_and_a_deposit(user: User) -> list[Book]:
        found = books(user)
        with ThreadPoolExecutor(1) as other:
            other.submit(meanwhile).result()
        return found

    monkeypatch.setattr(snapshots, "books", books_and_a_deposit)
    snapshot = read_snapshot(alice)

    assert snapshot.sequence == before
    assert [row.cash for row in snapshot.accounts] == [Decimal(100_000)]
    assert last_sequences([alice.pk])[alice.pk] == before + 1


def test_a_user_without_accounts_or_events_has_one_too(alice: User) -> None:
    newcomer = User.objects.create_user("carol@example.com")

    snapshot = read_snapshot(newcomer)

    assert (snapshot.sequence, snapshot.accounts, snapshot.positions) == (0, [], [])
