"""Four names for what `atomic` can mean. A use case says `transaction`, its parts
`transaction_required`, a conversation with the outside world `durable`. Never a bare nested
`atomic`.
"""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import connection
from django.db import transaction as django_transaction

P = ParamSpec("P")
R = TypeVar("R")


class OutsideTransaction(RuntimeError):
    """A part of a use case was called with no transaction open: half of it could be lost."""


class InsideTransaction(RuntimeError):
    """A conversation was begun with a transaction open: locks would be held over the network."""


def transaction(function: Callable[P, R]) -> Callable[P, R]:
    """All of it or nothing: opens a transaction, or joins the one that is open."""
    return django_transaction.atomic(savepoint=False)(function)


def savepoint(function: Callable[P, R]) -> Callable[P, R]:
    """A part whose failure the caller survives: rolls back only itself."""
    return django_transaction.atomic(savepoint=True)(function)


def transaction_required(function: Callable[P, R]) -> Callable[P, R]:
    """Raises OutsideTransaction unless a use case has opened one."""

    @wraps(function)
    def inner(*args: P.args, **kwargs: P.kwargs) -> R:
        if not connection.in_atomic_block:
            raise OutsideTransaction(f"{function.__qualname__} needs an open transaction")
        return function(*args, **kwargs)

    return inner


def durable(function: Callable[P, R]) -> Callable[P, R]:
    """Raises InsideTransaction if one is open: what the function commits must really be committed.

    The tests' own wrapping transaction does not count.
    """

    @wraps(function)
    def inner(*args: P.args, **kwargs: P.kwargs) -> R:
        blocks = getattr(connection, "atomic_blocks", [])
        if any(not getattr(block, "_from_testcase", False) for block in blocks):
            raise InsideTransaction(f"{function.__qualname__} must not run in a transaction")
        return function(*args, **kwargs)

    return inner
