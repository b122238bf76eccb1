"""`/ws/positions` and `/ws/trades`: a user's own positions, and orders and fills, live.

Signing in is by the session's cookie, or by a token as the first message, within five seconds:
`{"type": "auth", "token": ACCESS_TOKEN}`, answered by `auth_success`. Any other socket is closed
with 4401: a code that browsers and phones can read, where a refused handshake only looks like a
broken network. A token that expires closes its sockets the same way at once, and a session that
ends does within half a minute.

What the server says, one JSON object a message (docs/streams.md has each in full):

    snapshot       all there is, as of `sequence`; then
    event          what happened, in `sequence` without holes or repeats: kind, at, data
    orders         of `/ws/trades`: all open orders, in place of those told before; in no sequence
    prices         of `/ws/positions`: candles that closed at a venue; in no sequence
    trading_state  the state of the platform, or of a strategy that the user follows; in no sequence

`?after=SEQUENCE` resumes: the events after it come first, and no snapshot unless they are more than
1,000. A client that has not read 256 waiting messages is closed with 4408; it comes back the same
way. 1013 asks to come back later. `{"type": "ping"}` is answered by `{"type": "pong"}`.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import parse_qs

import orjson
from channels.db import database_sync_to_async
from django.utils import timezone

from apps.accounts.models import User
from apps.accounts.selectors import grant
from apps.accounts.tokens import TokenRefused
from apps.dashboard.client import Client, Close, Send
from apps.dashboard.frames import PONG, auth_success_frame
from apps.dashboard.hub import running_hub
from apps.dashboard.news import NOTHING
from apps.dashboard.selectors.sessions import Credential
from apps.dashboard.topics import POSITIONS, TRADES, Topic

LONGEST_SEQUENCE = 2**63 - 1
LONGEST_MESSAGE = 4_000  # a token is about 400
AUTH_SECONDS = 5.0

Scope = Mapping[str, Any]
Receive = Callable[[], Awaitable[Mapping[str, Any]]]


async def positions(scope: Scope, receive: Receive, send: Send) -> None:
    await _stream(POSITIONS, scope, receive, send)


async def trades(scope: Scope, receive: Receive, send: Send) -> None:
    await _stream(TRADES, scope, receive, send)


async def _stream(topic: Topic, scope: Scope, receive: Receive, send: Send) -> None:
    """One socket, from its handshake to its end."""
    await receive()
    await send({"type": "websocket.accept"})
    try:
        caller = _by_cookie(scope) or await _by_token(receive, send)
    except NotSignedIn:
        await send({"type": "websocket.close", "code": int(Close.NOT_SIGNED_IN)})
        return
    client = Client(
        caller.user,
        caller.credential,
        send,
        after=_after(scope),
        write_now=scope.get("extensions", {}).get("nija.write_now"),  # nija/sending.py
        topic=topic,
    )
    hub = running_hub()
    hub.join(client)
    with _until(caller.expires_at, client):
        try:
            async with asyncio.TaskGroup() as both:
                server = both.create_task(client.serve())
                await _listen(receive, client)
                server.cancel()
        finally:
            hub.leave(client)


async def nowhere(scope: Scope, receive: Receive, send: Send) -> None:
    """Any other path: refused at the handshake."""
    await receive()
    await send({"type": "websocket.close"})


class Caller(NamedTuple):
    """`expires_at` is a token's; None for a cookie, whose session the hub looks after."""

    user: User
    credential: Credential
    expires_at: datetime | None


class NotSignedIn(Exception):
    """Neither by a cookie nor, in time, by a token."""


def _by_cookie(scope: Scope) -> Caller | None:
    user = scope.get("user")
    if not isinstance(user, User):
        return None
    return Caller(user, scope["session"].session_key, None)


async def _by_token(receive: Receive, send: Send) -> Caller:
    """The first message has to bring a token. Raises NotSignedIn."""
    try:
        async with asyncio.timeout(AUTH_SECONDS):
            said = _said(await receive())
        found = await database_sync_to_async(grant)(str(said.get("token", "")))
    except (TimeoutError, TokenRefused) as error:
        raise NotSignedIn from error
    if said.get("type") != "auth":
        raise NotSignedIn
    await send({"type": "websocket.send", "text": auth_success_frame(found)})
    return Caller(found.user, found.session_id, found.expires_at)


@contextmanager
def _until(expires_at: datetime | None, client: Client) -> Iterator[None]:
    """Ends the client when its token expires."""
    if expires_at is None:
        yield
        return
    left = max(0.0, (expires_at - timezone.now()).total_seconds())
    expiry = asyncio.get_running_loop().call_later(left, client.end, Close.NOT_SIGNED_IN)
    try:
        yield
    finally:
        expiry.cancel()


async def _listen(receive: Receive, client: Client) -> None:
    """Until the socket is closed, by whomever."""
    while (message := await receive())["type"] != "websocket.disconnect":
        if _said(message).get("type") == "ping":
            client.offer([(None, PONG)])


def _said(message: Mapping[str, Any]) -> dict[str, Any]:
    """The object that a client sent; empty for anything else."""
    text = message.get("text") or ""
    if len(text) > LONGEST_MESSAGE:
        return {}
    try:
        said = orjson.loads(text)
    except orjson.JSONDecodeError:
        return {}
    return said if isinstance(said, dict) else {}


def _after(scope: Scope) -> int:
    """The sequence that the client resumes from; NOTHING where it does not, or says no number."""
    said = parse_qs(scope["query_string"].decode("latin1")).get("after", [""])[-1]
    if not (said.isascii() and said.isdigit()):
        return NOTHING
    return min(int(said), LONGEST_SEQUENCE)
