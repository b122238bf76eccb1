from collections.abc import Iterator

import pytest

from apps.accounts.models import User
from tests import fakes
from tests.streams.web import Web, on_this_workers_servers, running_web


@pytest.fixture(scope="session")
def web(django_db_setup: None) -> Iterator[Web]:
    """A daphne on this worker's test database and Valkey."""
    with running_web(on_this_workers_servers()) as process:
        yield process


@pytest.fixture
def world(transactional_db: None) -> fakes.World:
    """Alice follows a strategy on an account of hers."""
    return fakes.world()


@pytest.fixture
def alice(world: fakes.World) -> User:
    return world.alice


@pytest.fixture
def bob(world: fakes.World) -> User:
    """Has an account, and follows nothing."""
    stranger = fakes.user("bob")
    fakes.account(stranger, world.venue)
    return stranger
