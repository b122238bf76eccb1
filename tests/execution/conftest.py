import pytest
from django.test import Client

from tests.fakes import World


@pytest.fixture
def alice(lab: World, client: Client) -> Client:
    """Alice's browser."""
    client.force_login(lab.alice)
    return client
