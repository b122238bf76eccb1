"""Steps that have nothing to do with each other: one that fails keeps none from being done."""

import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from functools import partial
from math import inf
from time import monotonic
from traceback import clear_frames
from types import TracebackType
from typing import TypeVar

from django.db import connection

T = TypeVar("T")
R = TypeVar("R")
Leave = Callable[[type[BaseException] | None, BaseException | None, TracebackType | None], None]


def each_apart(steps: Iterable[Callable[[], R]]) -> list[R]:
    """What each came to, done in their order.

    Nothing is caught: where some raise, the others are done and then the last error goes on, with
    those before it as its context, as `finally` inside `finally` would have it. What is no
    Exception, as the end of the process, ends it at once.
    """
    done: list[R] = []

    def as_exit(step: Callable[[], R]) -> Leave:
        def leave(_: object, before: BaseException | None, __: object) -> None:
            if before is not None and not isinstance(before, Exception):
                return
            made = len(done)
            try:
                done.append(step())
            finally:
                if before is not None and len(done) == made:
                    _follow(sys.exc_info()[1], before)

        return leave

    with ExitStack() as stack:  # the last pushed is the first done
        for step in reversed(list(steps)):
            stack.push(as_exit(step))
    return done


def in_halves(
    act: Callable[[Sequence[T]], R],
    items: Sequence[T],
    fails: Callable[[T], None],
    *,
    until: float = inf,
) -> R:
    """What acting on all of them at once comes to. Where that raises, each half is tried alone, and
    so on: it is done for all but those that fail by themselves, which `fails` is told of, and the
    error goes on, without what its frames held: thousands of errors stay linked. Acting must be all
    or nothing, and harmless to repeat. What has raised after `until` (`time.monotonic`) is not
    halved any more.
    """
    done: list[R] = []
    session = connection.connection

    def all_at_once() -> None:
        try:
            done.append(act(items))
        finally:
            if not done:
                clear_frames(sys.exc_info()[2])

    def halves() -> None:
        if done or _is_lost(session):  # which would only be said of each of them
            return
        if len(items) == 1:
            fails(items[0])
        elif monotonic() < until:
            middle = len(items) // 2
            each_apart(
                partial(in_halves, act, half, fails, until=until)
                for half in (items[:middle], items[middle:])
            )

    each_apart((all_at_once, halves))
    return done[0]


def _is_lost(session: object) -> bool:
    """Also where another one has been opened since: nobody knows what failed with the first."""
    is_another = session is not None and connection.connection is not session
    return is_another or not connection.is_usable()


def _follow(error: BaseException | None, before: BaseException) -> None:
    """An ExitStack does not link what its own callbacks raise."""
    while error is not None and error is not before:
        if error.__context__ is None:
            error.__context__ = before
            return
        error = error.__context__
