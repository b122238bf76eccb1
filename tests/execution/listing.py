"""Asking the API for lists, and making many rows to be listed."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from django.db.models import Model
from django.test import Client

from apps.execution.models import Fill, Order, Trade
from apps.market.models import Instrument
from apps.risk.models import Decision
from apps.strategies.models import Run, Signal
from tests import fakes
from tests.fakes import JUMP, MONDAY, QUIET, World

KEYS = {
    "instruments": "instruments", "runs": "runs", "decisions": "decisions", "orders": "orders",
    "fills": "fills", "account/history": "trades",
}  # fmt: skip
BY_CURSOR = ["runs", "decisions", "orders", "fills"]
BY_NUMBER = ["instruments", "account/history"]
Query = Mapping[str, str | int]


def ask(browser: Client, path: str, query: Query, expected: int = 200) -> Any:
    answer = browser.get(f"/api/v1/{path}", dict(query))
    assert answer.status_code == expected, answer.content
    body = answer.json()
    return body["data"] if expected == 200 else body["error"]


def listed(browser: Client, path: str, **query: str | int) -> list[Any]:
    found: list[Any] = ask(browser, path, query)[KEYS[path]]
    return found


def stopped_out() -> World:
    """Alice has entered, and has been stopped out."""
    lab = fakes.world()
    lab.play(*QUIET, JUMP, "102.5", ("101", "101", "98", "98"), first=MONDAY)
    return lab


def copies(row: Model, count: int, **changes: Any) -> None:
    """More rows like this one; `changes` are made by functions of a number."""
    model: Any = type(row)
    fields = [field for field in model._meta.concrete_fields if not field.primary_key]
    known = {field.attname: getattr(row, field.attname) for field in fields}
    model.objects.bulk_create(
        model(**{**known, **{name: made(number) for name, made in changes.items()}})
        for number in range(count)
    )


def fifty_of_each(lab: World) -> None:
    run, signal = Run.objects.latest("pk"), Signal.objects.earliest("pk")
    copies(run, 50, candle_close_time=lambda n: MONDAY - (n + 1) * fakes.MINUTE)
    copies(signal, 50, source_key=lambda n: f"copy:{n}")
    signals = list(
        Signal.objects.filter(source_key__startswith="copy").values_list("pk", flat=True)
    )
    copies(Decision.objects.earliest("pk"), 50, signal_id=lambda n: signals[n])
    decisions = list(Decision.objects.filter(signal__in=signals).values_list("pk", flat=True))
    copies(
        Order.objects.earliest("pk"), 50, client_order_id=lambda _: uuid4().hex,
        decision_id=lambda n: decisions[n],
    )  # fmt: skip
    copies(Fill.objects.earliest("pk"), 50, venue_trade_id=lambda n: f"copy-{n}")
    copies(Trade.objects.earliest("pk"), 50, sequence=lambda n: 1_000 + n)
    copies(Instrument.objects.earliest("pk"), 50, symbol=lambda n: f"C{n:02}-USD")
