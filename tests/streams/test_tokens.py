"""Signing in to a stream by a token, as an app does."""

import json
import time
from datetime import timedelta
from typing import Any

import jwt
import pytest
from django.conf import settings
from django.utils import timezone
from websockets.sync.client import connect

from apps.accounts.models import TokenSession, User
from tests.streams.telling import deposit
from tests.streams.web import Socket, Web, cookie_of, token_of

PASSWORD = "alice-long-password"


def say(socket: Socket, **message: object) -> None:
    socket.connection.send(json.dumps(message))


def ending(token: str, lifetime: timedelta) -> str:
    """The token with another time to live."""
    claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    claims["exp"] = int((timezone.now() + lifetime).timestamp())
    return jwt.encode(claims, settings.SECRET_KEY, "HS256")


@pytest.mark.parametrize("path", ["/ws/positions", "/ws/trades"])
def test_a_token_as_the_first_message_opens_ones_own_stream(
    web: Web, alice: User, path: str
) -> None:
    with web.bare_socket(path) as socket:
        say(socket, type="auth", token=token_of(alice, PASSWORD))
        success = socket.next()
        start = socket.next()
        deposit(alice)

        assert success["type"] == "auth_success"
        assert success["user_id"] == f"usr_{alice.pk}"
        assert success["expires_at"] > timezone.now().isoformat()
        assert start["type"] == "snapshot"
        assert socket.events(1) == [start["sequence"] + 1]


@pytest.mark.parametrize(
    "first",
    [
        {"type": "auth"},
        {"type": "auth", "token": "x"},
        {"type": "auth", "token": ["x"]},
        {"type": "ping"},
        ["auth"],
        "x" * 5_000,
    ],
    ids=str,
)
def test_any_other_first_message_is_closed_with_a_code(
    web: Web, alice: User, first: object
) -> None:
    with web.bare_socket() as socket:
        socket.connection.send(json.dumps(first))
        assert socket.close_code() == 4401


def test_a_good_token_in_a_message_of_another_kind_opens_nothing(web: Web, alice: User) -> None:
    with web.bare_socket() as socket:
        say(socket, type="hello", token=token_of(alice, PASSWORD))
        assert socket.close_code() == 4401


def test_who_says_nothing_is_closed_within_seconds(web: Web, alice: User) -> None:
    began = time.monotonic()
    with web.bare_socket() as socket:
        assert socket.close_code() == 4401
    assert 4 < time.monotonic() - began < 10


def test_an_expired_token_is_refused(web: Web, alice: User) -> None:
    with web.bare_socket() as socket:
        say(socket, type="auth", token=ending(token_of(alice, PASSWORD), timedelta(seconds=-1)))
        assert socket.close_code() == 4401


def test_a_token_of_a_sign_in_that_ended_is_refused(web: Web, alice: User) -> None:
    token = token_of(alice, PASSWORD)
    TokenSession.objects.update(revoked_at=timezone.now())
    with web.bare_socket() as socket:
        say(socket, type="auth", token=token)
        assert socket.close_code() == 4401


def test_the_socket_ends_with_its_token(web: Web, alice: User) -> None:
    began = time.monotonic()
    with web.bare_socket() as socket:
        say(socket, type="auth", token=ending(token_of(alice, PASSWORD), timedelta(seconds=3)))
        assert socket.next("snapshot")
        assert socket.close_code() == 4401
    assert time.monotonic() - began < 6


def test_a_cookie_without_a_page_of_ours_is_not_looked_at(web: Web, alice: User) -> None:
    with connect(
        f"ws://127.0.0.1:{web.port}/ws/positions",
        additional_headers={"Cookie": cookie_of(alice)},
    ) as connection:
        say(Socket(connection), type="ping")
        assert Socket(connection).close_code() == 4401
