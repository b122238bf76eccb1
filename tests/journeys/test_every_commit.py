"""The pipeline dies after each of its commits in turn: whatever it had written by then, the next to
come finishes the candle as if nothing had happened."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import pytest
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper

from apps.events.services import relay, sealing
from apps.execution.pipeline import close_candles
from apps.execution.services import fan_out, orders, paper
from tests.fakes import close
from tests.journeys import story
from tests.journeys.crowd import gather
from tests.journeys.outcome import (
    assert_events_match,
    assert_sound,
    everything_was_told,
    outcome,
)

PEOPLE = 10
PER_CHUNK = 6
PER_BATCH = 30
CLOSES = story.CLOSES - 2  # by then each kind of entry and exit has been seen


class Died(BaseException):
    """As abrupt as SIGKILL: nothing that catches errors catches it."""


@pytest.mark.django_db(transaction=True)
def test_dying_after_any_commit_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (fan_out, orders, paper):
        monkeypatch.setattr(module, "CHUNK", PER_CHUNK)  # several chunks even for a few people
    for module in (relay, sealing):
        monkeypatch.setattr(module, "BATCH", PER_BATCH)
    calm = gather(PEOPLE, venue="calm", number="1")
    hit = gather(PEOPLE, venue="hit", number="2")
    deaths = 0

    for index in range(CLOSES):
        close(calm.venue, story.tell(calm, index))
        moment = story.tell(hit, index)
        if index < len(story.QUIET):
            close(hit.venue, moment)
        else:
            deaths += _deaths_until_done(partial(close_candles, hit.venue.code, moment))
    deaths += _deaths_until_done(relay.relay)

    assert deaths > 50
    assert everything_was_told()
    assert_sound(calm, hit)
    assert_events_match()
    expected, found = outcome(calm), outcome(hit)
    for what, rows in expected.items():
        assert found[what] == rows, what


def _deaths_until_done(work: Callable[[], object]) -> int:
    """Do it, dying after the first commit, then after two, and so on; the deaths it took.

    Each start does what is left to do, so the deaths move through the work commit by commit.
    """
    deaths = 0
    while True:
        try:
            with _dying_after(deaths + 1):
                work()
        except Died:
            connection.close()  # what was not committed is rolled back, every lock is let go
            deaths += 1
        else:
            return deaths


@contextmanager
def _dying_after(commits: int) -> Iterator[None]:
    left = commits
    commit = BaseDatabaseWrapper.commit

    def counted(wrapper: BaseDatabaseWrapper) -> None:
        nonlocal left
        commit(wrapper)
        left -= 1
        if not left:
            raise Died

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseDatabaseWrapper, "commit", counted)
        yield
