import pytest
from django.test import Client

from tests import fakes
from tests.fakes import World


@pytest.fixture(scope="module")
def lab_of_the_file(rows_of_the_file: None) -> World:
    """Alice follows a strategy that has said nothing yet."""
    return fakes.world()


@pytest.fixture
def alice(lab: World, client: Client) -> Client:
    """Alice's browser."""
    client.force_login(lab.alice)
    return client
