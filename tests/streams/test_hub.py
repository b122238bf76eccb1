"""The hub in this process, on the real channel layer: what it does when messages or sessions go."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import redis
from asgiref.sync import sync_to_async
from channels.auth import AuthMiddlewareStack
from channels.layers import channel_layers, get_channel_layer
from channels.routing import URLRouter
from channels.testing import WebsocketCommunicator
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connections
from django.utils import timezone

from apps.accounts.models import TokenSession, User
from apps.dashboard import hub, stream
from apps.dashboard.routing import websocket_urlpatterns
from apps.events.models import Event
from apps.events.services.relay import relay
from tests.events.recordings import record
from tests.streams import speech
from tests.streams.web import cookie_of, token_of

PATIENCE_SECONDS = 10


GROUP = "streams-of-these-tests"
GROUP_KEY = f"asgi:group:{GROUP}"


@pytest.fixture(autouse=True)
async def own_loop(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    """A channel layer belongs to one event loop, and each test has its own; a group apart from that
    of the web process. Afterwards the thread that reads for the streams lets go of the database.
    """
    monkeypatch.setattr(hub, "GROUP", GROUP)
    monkeypatch.setattr(stream, "GROUP", GROUP)
    channel_layers.backends.clear()
    yield
    await end_the_hub()
    channel_layers.backends.clear()
    await sync_to_async(connections.close_all)()


async def end_the_hub() -> None:
    """Cancel its tasks until they end: the `wait_for` of Python 3.11, with which the Valkey client
    sends, swallows a cancellation that comes as it is done.
    """
    left = asyncio.all_tasks() - {asyncio.current_task()}
    while left:
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=0.1)


@pytest.fixture
def kept_valkey(servers: None) -> Iterator[redis.Redis]:
    """The Valkey of this test run, which other processes use meanwhile."""
    with redis.from_url(settings.REDIS_URL) as client:
        yield client


@pytest.fixture
def short_rounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "ROUND_SECONDS", 0.1)


@asynccontextmanager
async def opened(user: User, path: str = "/ws/positions") -> AsyncIterator[WebsocketCommunicator]:
    cookie = await sync_to_async(cookie_of)(user)
    application = AuthMiddlewareStack(URLRouter(websocket_urlpatterns))
    socket = WebsocketCommunicator(application, path, headers=[(b"cookie", cookie.encode())])
    connected, _ = await socket.connect(timeout=PATIENCE_SECONDS)
    assert connected
    yield socket
    await socket.disconnect(timeout=PATIENCE_SECONDS)


@asynccontextmanager
async def opened_by_token(user: User) -> AsyncIterator[WebsocketCommunicator]:
    token = await sync_to_async(token_of)(user, "alice-long-password")
    socket = WebsocketCommunicator(URLRouter(websocket_urlpatterns), "/ws/positions")
    await socket.connect(timeout=PATIENCE_SECONDS)
    await socket.send_json_to({"type": "auth", "token": token})
    yield socket
    await socket.disconnect(timeout=PATIENCE_SECONDS)


async def heard(socket: WebsocketCommunicator, kind: str) -> Any:
    while True:
        message = await socket.receive_json_from(timeout=PATIENCE_SECONDS)
        speech.check("/ws/positions", message)
        if message["type"] == kind:
            return message


async def close_code(socket: WebsocketCommunicator) -> int:
    while True:
        output = await socket.receive_output(timeout=PATIENCE_SECONDS)
        if output["type"] == "websocket.close":
            return int(output["code"])


async def tell(user: User, count: int = 1) -> None:
    await sync_to_async(record)(user, count)
    await sync_to_async(relay)()


async def publish(user: User, *sequences: int) -> None:
    """Send messages for some of the user's events, in this order, as a relay would."""
    for sequence in sequences:
        event = await Event.objects.aget(user=user, sequence=sequence)
        await sync_to_async(stream.publish_events)([event])


async def sealed_but_untold(user: User, count: int) -> None:
    """Events of which no message came: the relay's went to nobody."""
    layer = get_channel_layer()
    await layer.group_discard(GROUP, hub.running_hub()._channel)
    await tell(user, count)
    await layer.group_add(GROUP, hub.running_hub()._channel)


@pytest.mark.parametrize("order", [(3, 1, 2), (1, 1, 3, 2, 2), (3,)], ids=str)
async def test_lost_late_and_repeated_messages_are_put_right(
    alice: User, order: tuple[int, ...]
) -> None:
    await sync_to_async(relay)()
    async with opened(alice) as socket:
        start = (await heard(socket, "snapshot"))["sequence"]
        await has_joined()
        await sealed_but_untold(alice, 3)

        await publish(alice, *(start + number for number in order))

        sequences = [(await heard(socket, "event"))["sequence"] for _ in range(3)]
        assert sequences == [start + 1, start + 2, start + 3]
        await socket.send_json_to({"type": "ping"})
        assert (await socket.receive_json_from())["type"] in {"pong", "trading_state"}


@pytest.mark.usefixtures("short_rounds")
async def test_a_group_that_forgot_us_is_joined_again_and_nothing_is_missed(
    alice: User, kept_valkey: redis.Redis
) -> None:
    await sync_to_async(relay)()
    async with opened(alice) as socket:
        start = (await heard(socket, "snapshot"))["sequence"]
        await has_joined()

        assert await sync_to_async(kept_valkey.delete)(GROUP_KEY) == 1
        await tell(alice)
        assert (await heard(socket, "event"))["sequence"] == start + 1
        assert await sync_to_async(kept_valkey.zcard)(GROUP_KEY) == 1


def sign_out(user: User) -> None:
    for row in Session.objects.all():
        if row.get_decoded()["_auth_user_id"] == str(user.pk):
            row.delete()


def deactivate(user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)


def change_password(user: User) -> None:
    user.set_password("another-long-password")
    user.save(update_fields=["password"])


@pytest.mark.usefixtures("short_rounds")
@pytest.mark.parametrize("end", [sign_out, deactivate, change_password])
async def test_a_session_that_ends_closes_its_socket_and_no_other(
    alice: User, bob: User, end: Callable[[User], None]
) -> None:
    async with opened(alice) as socket, opened(bob) as other:
        await heard(socket, "snapshot")
        await sync_to_async(end)(alice)

        assert await close_code(socket) == 4401
        await other.send_json_to({"type": "ping"})
        assert await heard(other, "pong")


@pytest.mark.usefixtures("short_rounds")
async def test_a_tokens_session_that_ends_closes_its_socket_and_no_other(alice: User) -> None:
    async with opened_by_token(alice) as socket, opened_by_token(alice) as other:
        first = await TokenSession.objects.order_by("pk").afirst()
        assert first is not None
        for each in (socket, other):
            await heard(each, "snapshot")
        await TokenSession.objects.filter(pk=first.pk).aupdate(revoked_at=timezone.now())

        assert await close_code(socket) == 4401
        await other.send_json_to({"type": "ping"})
        assert await heard(other, "pong")


async def test_two_sockets_of_a_user_are_one_member_of_the_group(
    alice: User, kept_valkey: redis.Redis
) -> None:
    kept_valkey.delete(GROUP_KEY)
    async with opened(alice) as one, opened(alice) as two:
        for socket in (one, two):
            await heard(socket, "snapshot")
        await has_joined()

        assert kept_valkey.zcard(GROUP_KEY) == 1


async def test_no_other_path_is_served(alice: User) -> None:
    application = URLRouter(websocket_urlpatterns)
    for path in ("/ws/positions/", "/ws/", "/", "/ws/positions2"):
        connected, _ = await WebsocketCommunicator(application, path).connect()
        assert not connected


async def has_joined() -> None:
    """The hub is a member of the group, and its first round is over."""
    layer = get_channel_layer()
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not await layer.connection(0).zcard(GROUP_KEY):
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.1)
