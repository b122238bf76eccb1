"""Checkouts with servers of their own, and real processes that use them."""

from __future__ import annotations

import io
import logging
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from nija import embedded, logs
from tests.platform.server_processes import ServerUser, processes_of, wait_until


@pytest.fixture
def start_user() -> Iterator[Callable[..., ServerUser]]:
    """Starts processes that use servers; those left over are killed."""
    users: list[ServerUser] = []

    def start(root: Path, profile: embedded.Profile = "test") -> ServerUser:
        users.append(ServerUser(root, profile))
        return users[-1]

    yield start
    for user in users:
        if user.process.poll() is None:
            user.kill()


@pytest.fixture(scope="module")
def made_checkout() -> Iterator[Path]:
    """A folder whose test database was initialised once for the module."""
    root = Path(tempfile.mkdtemp(prefix="nija-test-"))
    embedded.ensure(root, profile="test")
    embedded.release(root, profile="test")
    yield root
    shutil.rmtree(root)


@pytest.fixture
def checkout(made_checkout: Path) -> Iterator[Path]:
    """A folder with data and no running servers, before the test and after it."""
    yield made_checkout
    embedded.release(made_checkout, profile="test")
    wait_until(lambda: not processes_of(made_checkout))


@pytest.fixture
def written() -> Iterator[Callable[[], str]]:
    """What the handler of production has written."""
    stream = io.StringIO()
    handler = logs.QuietStream(stream)
    handler.setFormatter(logs.formatter(as_json=True))
    root = logging.getLogger()
    root.addHandler(handler)
    level, root.level = root.level, logging.INFO
    yield stream.getvalue
    root.removeHandler(handler)
    root.setLevel(level)
