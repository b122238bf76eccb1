"""One hub per web process: the only member that the process has in the streams' group. It hears
every message once and hands it, in memory, to the clients concerned.
"""

import asyncio
import logging
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from typing import NamedTuple
from weakref import WeakKeyDictionary

from channels.db import database_sync_to_async
from channels.layers import get_channel_layer
from django.db import Error as DatabaseError
from redis.exceptions import RedisError

from apps.dashboard.client import Client, Close, Told
from apps.dashboard.frames import platform_frame
from apps.dashboard.selectors.sessions import Credential, signed_in
from apps.dashboard.stream import GROUP, Message
from apps.events.selectors import last_sequences
from apps.risk import selectors as risk
from trading.gates.values import TradingState

log = logging.getLogger(__name__)

ROUND_SECONDS = 20.0  # a session that ends closes its sockets at the next round
CLIENTS_A_LOOK = 500
FIRST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 2.0
AWAY = (RedisError, OSError)

_hubs: WeakKeyDictionary[asyncio.AbstractEventLoop, "Hub"] = WeakKeyDictionary()


def running_hub() -> "Hub":
    """The hub of the running event loop, started with its first client."""
    loop = asyncio.get_running_loop()
    hub = _hubs.get(loop)
    if hub is None:
        hub = _hubs[loop] = Hub()
        hub.start()
    return hub


class Hub:
    """Ends only by a mistake of ours; then its clients are closed, and come back to a new one."""

    def __init__(self) -> None:
        self._layer = get_channel_layer()
        self._channel = ""
        self._clients: dict[int, set[Client]] = {}
        self._has_joined = asyncio.Event()
        self._platform: TradingState | None = None
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="the hub of the streams")
        self._task.add_done_callback(self._has_ended)

    def join(self, client: Client) -> None:
        """Offer it what concerns it from now on; what came before, it reads after this."""
        self._clients.setdefault(client.user.pk, set()).add(client)

    def leave(self, client: Client) -> None:
        of_user = self._clients.get(client.user.pk, set())
        of_user.discard(client)
        if not of_user:
            self._clients.pop(client.user.pk, None)

    async def _run(self) -> None:
        # One name for good: messages for a second one would be kept, and read by nobody.
        self._channel = await self._layer.new_channel()
        async with asyncio.TaskGroup() as parts:
            parts.create_task(self._hear())
            parts.create_task(self._go_round())

    def _has_ended(self, task: asyncio.Task[None]) -> None:
        _hubs.pop(task.get_loop(), None)
        if task.cancelled():
            return
        log.error("the hub of the streams has failed", exc_info=task.exception())
        for client in self._everybody():
            client.end(Close.BROKEN)

    async def _hear(self) -> None:
        pause = FIRST_PAUSE_SECONDS
        while True:
            try:
                await self._layer.group_add(GROUP, self._channel)
                self._has_joined.set()
                while True:
                    self._deliver(await self._layer.receive(self._channel))
                    pause = FIRST_PAUSE_SECONDS
            except AWAY as error:
                log.warning("the streams wait for Valkey: %s", error)
                await asyncio.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE_SECONDS)

    def _deliver(self, message: Message) -> None:
        if message["type"] == "events":
            for user_id, told in _by_user(message["events"]).items():
                _offer(told, self._clients.get(user_id, ()))
        elif message["users"] is None:
            meant = message["topic"]
            clients = self._everybody()
            if meant:
                clients = [client for client in clients if client.topic.name == meant]
            _offer([(None, message["frame"])], clients)
        else:
            for user_id in message["users"]:
                _offer([(None, message["frame"])], self._clients.get(user_id, ()))

    def _everybody(self) -> list[Client]:
        return [client for of_user in self._clients.values() for client in of_user]

    async def _go_round(self) -> None:
        """Now and then, and at once when we have joined the group (again): what was told while we
        were not in it is found by the sequences, whoever has signed out is let go.
        """
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(ROUND_SECONDS):
                    await self._has_joined.wait()
            self._has_joined.clear()
            clients = self._everybody()
            with suppress(*AWAY):  # told by `_hear`
                await self._layer.group_add(GROUP, self._channel)  # or the membership runs out
            try:
                for at in range(0, len(clients), CLIENTS_A_LOOK):
                    await self._look_after(clients[at : at + CLIENTS_A_LOOK])
            except DatabaseError as error:
                log.warning("the streams cannot be looked after now: %s", error)

    async def _look_after(self, clients: Sequence[Client]) -> None:
        credentials = {client.credential for client in clients}
        users = {client.user.pk for client in clients}
        look = await database_sync_to_async(_look)(credentials, users)
        for client in clients:
            if look.users.get(client.credential) != client.user.pk:
                client.end(Close.NOT_SIGNED_IN)
            else:
                client.offer([(look.sequences.get(client.user.pk, 0), "")])
        if self._platform not in (None, look.platform):
            _offer([(None, platform_frame(look.platform))], self._everybody())
        self._platform = look.platform


class Look(NamedTuple):
    """Who is signed in by which session, how far the chains of users have got, the platform."""

    users: dict[Credential, int]
    sequences: dict[int, int]
    platform: TradingState


def _look(credentials: Collection[Credential], user_ids: Collection[int]) -> Look:
    sequences = last_sequences(list(user_ids))
    return Look(signed_in(credentials), sequences, risk.trading_states().platform)


def _offer(told: Sequence[Told], clients: Iterable[Client]) -> None:
    for client in clients:
        client.offer(told)


def _by_user(events: Iterable[tuple[int, int, str]]) -> dict[int, list[Told]]:
    found: dict[int, list[Told]] = {}
    for user_id, sequence, frame in events:
        found.setdefault(user_id, []).append((sequence, frame))
    return found
