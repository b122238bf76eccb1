from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import override_settings

from tests.fakes import MONDAY
from tests.market.venues.server import Market, Protocol, VenueServer


class Moment:
    """The time at a made-up market, moved by the test."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def moment() -> Moment:
    return Moment(MONDAY + timedelta(seconds=2))


@pytest.fixture
def serve(moment: Moment) -> Iterator[Callable[..., VenueServer]]:
    """Starts a server that speaks a protocol; feeds of that name (`source`) are sent to it."""
    servers: list[VenueServer] = []
    addresses: dict[str, str] = {}

    def start(source: str, protocol: Protocol, **market: Any) -> VenueServer:
        made = Market(moment, **{"first": MONDAY - timedelta(hours=20), **market})
        server = VenueServer(protocol, made)
        servers.append(server)
        addresses[source] = server.url
        return server

    with override_settings(MARKET_FEED_URLS=addresses):
        yield start
    for server in servers:
        server.close()
