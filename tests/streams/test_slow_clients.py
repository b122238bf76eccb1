"""A client that does not read is dropped, and nobody else notices."""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager

from apps.accounts.models import User
from apps.events.services.relay import relay
from tests.events.recordings import record
from tests.streams.web import PATIENCE_SECONDS, Web, cookie_of

PADDING = "x" * 20_000
ROUNDS, EVENTS_A_ROUND = 8, 100


def test_a_client_that_never_reads_is_dropped_while_another_hears_at_once(
    web: Web, alice: User, bob: User
) -> None:
    relay()
    delays = []
    with web.socket(bob) as reading, one_that_never_reads(web, alice) as stuck:
        reading.next("snapshot")
        for number in range(ROUNDS):
            record(alice, EVENTS_A_ROUND, padding=PADDING)
            record(bob, number=number)
            relay()
            told = time.monotonic()
            assert reading.next("event")["data"]["number"] == number
            delays.append(time.monotonic() - told)

        received = read_to_the_end(stuck)

    assert 0 < received < ROUNDS * EVENTS_A_ROUND * len(PADDING)
    assert max(delays) < 1
    with web.socket(alice) as back:
        assert back.next()["type"] == "snapshot"


@contextmanager
def one_that_never_reads(web: Web, user: User) -> Iterator[socket.socket]:
    """It shakes hands, and takes as little as a network stack will let it."""
    with socket.socket() as client:
        client.settimeout(PATIENCE_SECONDS)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.connect(("127.0.0.1", web.port))
        client.sendall(
            (
                "GET /ws/positions HTTP/1.1\r\n"
                f"Host: 127.0.0.1:{web.port}\r\n"
                f"Origin: http://127.0.0.1:{web.port}\r\n"
                f"Cookie: {cookie_of(user)}\r\n"
                "Upgrade: websocket\r\nConnection: Upgrade\r\n"
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
            ).encode()
        )
        assert client.recv(12) == b"HTTP/1.1 101"
        yield client


def read_to_the_end(client: socket.socket) -> int:
    """How many bytes there were until the server hung up; fails the test where it does not."""
    received = 0
    try:
        while chunk := client.recv(1 << 20):
            received += len(chunk)
    except ConnectionResetError:
        pass
    return received
