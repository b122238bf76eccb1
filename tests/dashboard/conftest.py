import pytest
from django.test import Client

from tests import fakes
from tests.fakes import World


@pytest.fixture
def lab(db: None) -> World:
    """Alice follows a strategy that has said nothing yet."""
    return fakes.world()


@pytest.fixture
def alice(lab: World, client: Client) -> Client:
    """Alice's browser."""
    client.force_login(lab.alice)
    return client
