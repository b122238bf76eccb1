"""One open socket: how far it has got in its user's chain, and what waits to be sent to it."""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from enum import IntEnum
from typing import Any

from channels.db import database_sync_to_async
from django.db import Error as DatabaseError

from apps.accounts.models import User
from apps.dashboard.news import NOTHING, news_since
from apps.dashboard.selectors.sessions import Credential
from apps.dashboard.topics import POSITIONS, Topic

log = logging.getLogger(__name__)

MOST_WAITING = 256  # frames

Told = tuple[int | None, str]
"""A frame with its sequence. None: it belongs to no chain. An empty frame is never sent; it says
how far the chain has got.
"""

Send = Callable[[dict[str, Any]], Awaitable[None]]
WriteNow = Callable[[str], bool]
"""Puts a text on the wire; False where it would have to wait."""


class Close(IntEnum):
    """Why we close a socket, in the codes that clients see."""

    BROKEN = 1011  # our fault
    TRY_AGAIN = 1013  # the database is away
    NOT_SIGNED_IN = 4401  # or not any more
    TOO_SLOW = 4408


class Client:
    """The hub offers frames and never waits; `serve` sends them, at the pace of the socket.

    Events leave in their sequence, each once: one that is known is dropped, and where one is
    missing the database is asked for what came since. That is how a client begins, too.
    """

    def __init__(
        self,
        user: User,
        credential: Credential,
        send: Send,
        *,
        after: int = NOTHING,
        write_now: WriteNow | None = None,
        topic: Topic = POSITIONS,
    ) -> None:
        self.user = user
        self.topic = topic
        self.credential = credential
        self._send = send
        # What stands is read after each event, so that none may pass `_serve` by.
        self._write_now = write_now if topic.standing is None else None
        self._standing = ""
        self._has_happened = False
        self._sequence = after
        self._waiting: deque[Told] = deque()
        self._is_offered = asyncio.Event()
        self._is_idle = False
        self._is_reading = False
        self._has_missed = False
        self._close: Close | None = None
        self._server: asyncio.Task[Any] | None = None

    def offer(self, frames: Sequence[Told]) -> None:
        """Send them in their turn. A client that does not read is dropped when too many wait."""
        if self._close is not None:
            return
        if self._is_idle and self._write_now is not None:
            frames = self._write_through(frames, self._write_now)
        if not frames:
            return
        if len(self._waiting) < MOST_WAITING:
            self._waiting.extend(frames)
            self._is_idle = False
            self._is_offered.set()
        elif self._is_reading:
            self._has_missed = True  # it waits for us; what it misses is in the database
        else:
            self.end(Close.TOO_SLOW)

    def end(self, reason: Close) -> None:
        """Close the socket; what still waits is not sent."""
        if self._close is None:
            self._close = reason
            if self._server is not None:
                self._server.cancel()

    async def serve(self) -> None:
        """Bring the client up to date and send what is offered, until `end` or a cancellation."""
        self._server = asyncio.current_task()
        try:
            await self._serve()
        except asyncio.CancelledError:
            if self._close is None:
                raise
        except DatabaseError as error:
            log.warning("a stream cannot be read and is closed: %s", error)
            self._close = Close.TRY_AGAIN
        await self._send({"type": "websocket.close", "code": int(self._close or Close.BROKEN)})

    async def _serve(self) -> None:
        if self._close is not None:
            return
        await self._catch_up()
        while True:
            if not self._waiting:
                await self._tell_what_stands()
            if not self._waiting:
                self._is_idle = True
                self._is_offered.clear()
                await self._is_offered.wait()
            sequence, frame = self._waiting.popleft()
            self._has_happened |= sequence is not None  # the hub's rounds too: every 20 s at least
            if self._is_due(sequence, frame):
                await self._write(sequence, frame)
            elif self._is_ahead(sequence):
                await self._catch_up()

    def _write_through(self, frames: Sequence[Told], write_now: WriteNow) -> Sequence[Told]:
        """Send without a turn of the event loop, as far as that goes; what is left for `serve`."""
        for index, (sequence, frame) in enumerate(frames):
            if self._is_due(sequence, frame) and write_now(frame):
                self._sequence = self._sequence if sequence is None else sequence
            elif self._is_due(sequence, frame) or self._is_ahead(sequence):
                return frames[index:]
        return ()

    def _is_due(self, sequence: int | None, frame: str) -> bool:
        return bool(frame) and sequence in (None, self._sequence + 1)

    def _is_ahead(self, sequence: int | None) -> bool:
        return sequence is not None and sequence > self._sequence

    async def _catch_up(self) -> None:
        self._has_missed = True
        while self._has_missed:
            self._has_missed = False
            self._is_reading = True
            read = database_sync_to_async(news_since)
            news = await read(self.user, self._sequence, self.topic)
            self._is_reading = False
            for sequence, frame in news:
                await self._write(sequence, frame)
            self._has_happened = True

    async def _tell_what_stands(self) -> None:
        if self.topic.standing is None or not self._has_happened:
            return
        self._has_happened = False
        self._is_reading = True
        frame = await database_sync_to_async(self.topic.standing)(self.user)
        self._is_reading = False
        if self._has_missed:
            await self._catch_up()
        if frame != self._standing:
            self._standing = frame
            await self._write(None, frame)

    async def _write(self, sequence: int | None, frame: str) -> None:
        if sequence is not None:
            self._sequence = sequence
        await self._send({"type": "websocket.send", "text": frame})
