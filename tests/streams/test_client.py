"""What one client is sent, whatever the pace of its socket and of our database."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import OperationalError, connections

from apps.accounts.models import User
from apps.dashboard import client as clients
from apps.dashboard.client import MOST_WAITING, Client, Close
from apps.dashboard.news import NOTHING, News, news_since
from apps.dashboard.topics import Topic
from apps.events.services.relay import relay
from tests.events.recordings import record


class Wire:
    """The server's end of a socket. It takes nothing while it is blocked."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []
        self.is_open = asyncio.Event()
        self.is_open.set()

    async def __call__(self, message: dict[str, Any]) -> None:
        if message["type"] == "websocket.send":
            await self.is_open.wait()
        self.sent.append(message)

    @property
    def frames(self) -> list[Any]:
        return [json.loads(message["text"]) for message in self.sent if "text" in message]

    @property
    def close_code(self) -> int | None:
        last = self.sent[-1] if self.sent else {}
        return last["code"] if last.get("type") == "websocket.close" else None


@pytest.fixture
async def wire() -> AsyncIterator[Wire]:
    yield Wire()
    await sync_to_async(connections.close_all)()


async def until(condition: Any) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.01)


async def test_a_client_that_does_not_read_is_dropped_when_too_much_waits(
    alice: User, wire: Wire
) -> None:
    client = Client(alice, "", wire)
    serving = asyncio.create_task(client.serve())
    await until(lambda: wire.frames)

    wire.is_open.clear()
    for number in range(MOST_WAITING + 1):
        client.offer([(None, f'{{"number":{number}}}')])
        await asyncio.sleep(0)
    assert wire.close_code is None
    client.offer([(None, "{}")])
    await serving

    assert wire.close_code == Close.TOO_SLOW


async def test_what_comes_while_we_read_for_it_is_not_held_against_it(
    alice: User, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More is offered than fits, while the database is slow; it is read from there instead."""
    is_reading, may_go_on = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()

    def slowly(user: User, after: int, topic: Topic) -> News:
        news = news_since(user, after, topic)
        if not may_go_on.is_set():
            loop.call_soon_threadsafe(is_reading.set)
            asyncio.run_coroutine_threadsafe(may_go_on.wait(), loop).result(10)
        return news

    monkeypatch.setattr(clients, "news_since", slowly)
    client = Client(alice, "", wire)
    serving = asyncio.create_task(client.serve())
    await is_reading.wait()
    for number in range(MOST_WAITING + 10):
        client.offer([(None, f'{{"number":{number}}}')])
    may_go_on.set()

    await until(lambda: wire.frames[-1:] == [{"number": MOST_WAITING - 1}])
    assert wire.frames[0]["type"] == "snapshot"
    assert wire.close_code is None
    serving.cancel()


async def test_an_event_that_the_snapshot_holds_is_not_sent_again(alice: User, wire: Wire) -> None:
    await sync_to_async(record)(alice, 2)
    await sync_to_async(relay)()
    client = Client(alice, "", wire)
    client.offer([(1, '{"sequence":1}'), (2, '{"sequence":2}')])

    serving = asyncio.create_task(client.serve())
    await until(lambda: wire.frames)
    last = wire.frames[0]["sequence"]
    client.offer([(last + 1, f'{{"sequence":{last + 1}}}')])
    await until(lambda: len(wire.frames) > 1)

    assert [frame["sequence"] for frame in wire.frames] == [last, last + 1]
    serving.cancel()


async def test_a_database_that_is_away_asks_the_client_to_come_back(
    alice: User, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(user: User, after: int, topic: Topic) -> News:
        raise OperationalError("the connection is lost")

    monkeypatch.setattr(clients, "news_since", away)

    await Client(alice, "", wire).serve()

    assert wire.close_code == Close.TRY_AGAIN


async def test_a_client_that_is_ended_before_it_began_is_closed(alice: User, wire: Wire) -> None:
    client = Client(alice, "", wire, after=NOTHING)
    client.end(Close.NOT_SIGNED_IN)

    await client.serve()

    assert wire.close_code == Close.NOT_SIGNED_IN
