"""A real daphne, and sockets to it as a browser would open them."""

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.db import connection
from django.test import Client
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from apps.accounts.models import User
from apps.accounts.services.token_sessions import sign_in
from nija.settings import env
from tests.servers import daphne
from tests.streams import speech

PATIENCE_SECONDS = 15.0


class Socket:
    """What a client hears, message by message; each has to be as described."""

    def __init__(self, connection: ClientConnection, path: str = "/ws/positions") -> None:
        self.connection = connection
        self.path = path

    def next(self, *kinds: str, seconds: float = PATIENCE_SECONDS) -> Any:
        """The next message of these types (of any, where none is named); others are passed over."""
        deadline = time.monotonic() + seconds
        while True:
            message = json.loads(self.connection.recv(max(0.0, deadline - time.monotonic())))
            speech.check(self.path, message)
            if not kinds or message["type"] in kinds:
                return message

    def events(self, count: int) -> list[int]:
        """The sequences of the next events."""
        return [self.next("event")["sequence"] for _ in range(count)]

    def hears_nothing(self, seconds: float = 0.5) -> bool:
        """Whether no event comes for a while."""
        try:
            self.next("event", "snapshot", seconds=seconds)
        except TimeoutError:
            return True
        return False

    def close_code(self) -> int | None:
        """The code with which the server closes the socket, whatever it says before."""
        try:
            while True:
                self.connection.recv(PATIENCE_SECONDS)
        except ConnectionClosed as closed:
            return None if closed.rcvd is None else closed.rcvd.code


class Web:
    """One daphne process."""

    def __init__(self, port: int) -> None:
        self.port = port

    @contextmanager
    def socket(
        self,
        user: User | None,
        *,
        after: int | None = None,
        origin: str | None = None,
        path: str = "/ws/positions",
    ) -> Iterator[Socket]:
        """Signed in as the user, from our own page where no other origin is named."""
        query = "" if after is None else f"?after={after}"
        with connect(
            f"ws://127.0.0.1:{self.port}{path}{query}",
            additional_headers={"Cookie": cookie_of(user)} if user else {},
            origin=Origin(origin or f"http://127.0.0.1:{self.port}"),
            max_size=None,
        ) as connection:
            yield Socket(connection, path)

    @contextmanager
    def bare_socket(self, path: str = "/ws/positions") -> Iterator[Socket]:
        """As an app opens one: no cookie, and no page that it comes from."""
        url = f"ws://127.0.0.1:{self.port}{path}"
        with connect(url, max_size=None) as connection:
            yield Socket(connection, path)


def token_of(user: User, password: str) -> str:
    """The access token of a sign-in of its own."""
    return sign_in(user.email, password).pair.access


def cookie_of(user: User) -> str:
    """The cookie of a session of its own."""
    browser = Client()
    browser.force_login(user)
    return f"{settings.SESSION_COOKIE_NAME}={browser.cookies[settings.SESSION_COOKIE_NAME].value}"


def on_this_workers_servers() -> Mapping[str, str]:
    """The environment of a program that is to see this test worker's database and Valkey."""
    return {
        "DJANGO_SETTINGS_MODULE": "nija.settings.test",
        "DATABASE_URL": env.database_url(connection.settings_dict),
        "REDIS_URL": settings.REDIS_URL,
    }


@contextmanager
def running_web(environment: Mapping[str, str]) -> Iterator[Web]:
    with daphne("nija.asgi", environment) as port:
        yield Web(port)
