"""Dying after each commit of a piece of work in turn, until it is done."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper


class Died(BaseException):
    """As abrupt as SIGKILL: nothing that catches errors catches it."""


def deaths_until_done(work: Callable[[], object]) -> int:
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


def dies_after(commits: int, work: Callable[[], object]) -> bool:
    """Do it, dying after so many commits; whether it came to that."""
    try:
        with _dying_after(commits):
            work()
    except Died:
        connection.close()
        return True
    return False


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
