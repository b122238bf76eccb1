from collections.abc import Iterator

import pytest
from pytest_django import Settings

from apps.accounts.models import User
from tests import fakes
from tests.events import listening


@pytest.fixture(autouse=True)
def heard(settings: Settings) -> Iterator[None]:
    """The relay tells the reactions of `listening`, which have heard nothing yet."""
    settings.EVENT_REACTIONS = "tests.events.listening.REACTIONS"
    listening.told.clear()
    listening.first.clear()
    yield
    listening.first.clear()


@pytest.fixture
def alice(db: None) -> User:
    return fakes.user("alice")


@pytest.fixture
def bob(db: None) -> User:
    return fakes.user("bob")
