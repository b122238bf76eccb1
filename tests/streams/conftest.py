from collections.abc import Iterator

import pytest
from django.conf import settings
from django.db import connection

from apps.accounts.models import User
from nija.settings import env
from tests import fakes
from tests.streams.web import Web, running_web


@pytest.fixture(scope="session")
def web(django_db_setup: None) -> Iterator[Web]:
    """A daphne on this worker's test database and Valkey."""
    with running_web(
        {
            "DJANGO_SETTINGS_MODULE": "nija.settings.test",
            "DATABASE_URL": env.database_url(connection.settings_dict),
            "REDIS_URL": settings.REDIS_URL,
        }
    ) as process:
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
