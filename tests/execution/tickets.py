"""What is sent to order by hand, or to ask what would come of it."""

from typing import Any

from django.test import Client

from tests.fakes import World

TRADE, WHAT_IF = "/api/v2/trade", "/api/v1/what-if"


def ticket(lab: World, **fields: Any) -> dict[str, Any]:
    said = {"account": lab.account.pk, "symbol": "BTC-USD", "side": "buy", "quantity": 20}
    return {name: value for name, value in {**said, **fields}.items() if value is not None}


def send(client: Client, path: str, body: dict[str, Any], **headers: str) -> Any:
    return client.post(path, body, "application/json", headers=headers)
