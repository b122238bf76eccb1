"""How daphne's WebSockets are written to.

Left alone, daphne keeps whatever an application sends in memory until the client has read it, so
that a client that never reads costs memory without end, and the application never learns of it; and
each frame takes three layers and two turns of the event loop. Behind `direct`, a text is put on the
wire at once, and sending to a client whose buffer is full waits until it has been written out.
"""

import asyncio
from collections.abc import Awaitable, Callable
from functools import lru_cache, partial
from typing import Any

from daphne.ws_protocol import WebSocketProtocol
from twisted.internet.abstract import FileDescriptor

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[dict[str, Any], Receive, Send], Awaitable[None]]

WRITE_NOW = "nija.write_now"
"""The ASGI extension: a function that puts a text on the wire; False where it had to wait."""

TEXT, SMALL, MEDIUM = 0x81, 126, 1 << 16  # RFC 6455, 5.2: a whole text, the lengths of its length


def direct(application: Application) -> Application:
    """The WebSocket application; servers other than daphne run it as it is."""

    async def written_to(scope: Message, receive: Receive, send: Send) -> None:
        protocol = _protocol(send)
        if protocol is None:
            await application(scope, receive, send)
            return
        wire = _Wire(protocol, send)
        extensions = {**scope.get("extensions", {}), WRITE_NOW: wire.write}
        await application({**scope, "extensions": extensions}, receive, wire.send)

    return written_to


def _protocol(send: Send) -> WebSocketProtocol | None:
    """Daphne's `send` is a method of its server, bound to the protocol of one connection."""
    bound = send.args[0] if isinstance(send, partial) and send.args else None
    if not isinstance(bound, WebSocketProtocol) or not isinstance(bound.transport, FileDescriptor):
        return None
    return bound


class _Wire:
    """Registered with its Twisted transport as the producer of what is written there."""

    def __init__(self, protocol: WebSocketProtocol, send: Send) -> None:
        self._protocol = protocol
        self._transport: Any = protocol.transport
        self._send = send
        self._has_room = asyncio.Event()
        self._has_room.set()
        self._transport.unregisterProducer()  # the HTTP channel, which has handed it over
        self._transport.registerProducer(self, streaming=True)

    async def send(self, message: Message) -> None:
        """ASGI's `send`."""
        text = message.get("text")
        if text is None or self._protocol.state != WebSocketProtocol.STATE_OPEN:
            await self._send(message)  # accept, close, bytes; what comes too late is dropped there
        elif not self.write(text):
            await self._has_room.wait()
            self._transport.write(_framed(text))

    def write(self, text: str) -> bool:
        """Put it on the wire, unless something waits there already."""
        transport = self._transport
        if transport.dataBuffer or transport._tempDataBuffer:  # noqa: SLF001 - no other way to ask
            return False
        if self._protocol.state != WebSocketProtocol.STATE_OPEN:
            return False
        frame = _framed(text)
        sent = transport.writeSomeData(frame)
        if not isinstance(sent, int):
            sent = 0  # the connection is lost, as the transport will find out and tell
        if sent < len(frame):
            transport.write(frame[sent:])
        return True

    def pauseProducing(self) -> None:  # noqa: N802 - Twisted's name
        """The buffer is full. Nor do we read: a ping would have to be answered into it."""
        self._has_room.clear()
        self._transport.pauseProducing()

    def resumeProducing(self) -> None:  # noqa: N802 - Twisted's name
        """It has been written out."""
        self._has_room.set()
        self._transport.resumeProducing()

    def stopProducing(self) -> None:  # noqa: N802 - Twisted's name
        """The connection is gone; what is sent now is dropped."""
        self._has_room.set()


@lru_cache(maxsize=64)
def _framed(text: str) -> bytes:
    """The frame of a text. Remembered for a moment: the next client is often sent the same."""
    payload = text.encode()
    size = len(payload)
    if size < SMALL:
        return bytes((TEXT, size)) + payload
    if size < MEDIUM:
        return bytes((TEXT, SMALL)) + size.to_bytes(2, "big") + payload
    return bytes((TEXT, SMALL + 1)) + size.to_bytes(8, "big") + payload
