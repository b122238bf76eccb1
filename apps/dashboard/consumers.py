"""`/ws/positions`: a user's own positions, live.

Signing in is by the session's cookie. A socket without one is accepted and closed with 4401: a code
that browsers and phones can read, where a refused handshake only looks like a broken network. A
session that ends closes its sockets the same way within half a minute.

What the server says (apps/dashboard/frames.py), one JSON object a message:

    snapshot       all there is, as of `sequence`; then
    event          what happened, in `sequence` without holes or repeats: kind, at, data
    prices         candles that closed at a venue; in no sequence
    trading_state  the state of the platform, or of a strategy that the user follows; in no sequence

`?after=SEQUENCE` resumes: the events after it come first, and no snapshot unless they are more than
1,000. A client that has not read 256 waiting messages is closed with 4408; it comes back the same
way. 1013 asks to come back later. `{"type": "ping"}` is answered by `{"type": "pong"}`.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import parse_qs

import orjson

from apps.dashboard.client import Client, Close, Send
from apps.dashboard.frames import PONG
from apps.dashboard.hub import running_hub
from apps.dashboard.news import NOTHING

LONGEST_SEQUENCE = 2**63 - 1
LONGEST_MESSAGE = 1_000

Scope = Mapping[str, Any]
Receive = Callable[[], Awaitable[Mapping[str, Any]]]


async def positions(scope: Scope, receive: Receive, send: Send) -> None:
    """One socket, from its handshake to its end."""
    await receive()
    await send({"type": "websocket.accept"})
    user = scope["user"]
    if not user.is_authenticated:
        await send({"type": "websocket.close", "code": int(Close.NOT_SIGNED_IN)})
        return
    client = Client(
        user,
        scope["session"].session_key,
        send,
        after=_after(scope),
        write_now=scope.get("extensions", {}).get("nija.write_now"),  # nija/sending.py
    )
    hub = running_hub()
    hub.join(client)
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


async def _listen(receive: Receive, client: Client) -> None:
    """Until the socket is closed, by whomever."""
    while (message := await receive())["type"] != "websocket.disconnect":
        if _is_ping(message.get("text") or ""):
            client.offer([(None, PONG)])


def _is_ping(text: str) -> bool:
    if len(text) > LONGEST_MESSAGE:
        return False
    try:
        said = orjson.loads(text)
    except orjson.JSONDecodeError:
        return False
    return isinstance(said, dict) and said.get("type") == "ping"


def _after(scope: Scope) -> int:
    """The sequence that the client resumes from; NOTHING where it does not, or says no number."""
    said = parse_qs(scope["query_string"].decode("latin1")).get("after", [""])[-1]
    if not (said.isascii() and said.isdigit()):
        return NOTHING
    return min(int(said), LONGEST_SEQUENCE)
