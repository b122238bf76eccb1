"""The usual way: channels as its documentation shows it, every consumer a member of the group."""

import os
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "nija.settings.dev")

import django

django.setup()

from channels.auth import AuthMiddlewareStack
from channels.generic.websocket import AsyncJsonWebsocketConsumer

GROUP = "stock"


class Consumer(AsyncJsonWebsocketConsumer):  # type: ignore[misc] # channels has no types
    async def connect(self) -> None:
        await self.channel_layer.group_add(GROUP, self.channel_name)
        await self.accept()

    async def disconnect(self, code: int) -> None:
        await self.channel_layer.group_discard(GROUP, self.channel_name)

    async def tell(self, message: dict[str, Any]) -> None:
        await self.send_json(message["content"])


application = AuthMiddlewareStack(Consumer.as_asgi())
