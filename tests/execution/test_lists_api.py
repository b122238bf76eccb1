"""The lists of the API: what is in them, how they are narrowed, how they are paged."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.execution.models import Fill, Order, Trade
from apps.market.models import Instrument
from apps.risk.models import Decision
from apps.strategies.models import Run, Signal
from tests import fakes
from tests.fakes import DROP, JUMP, MONDAY, QUIET, World

KEYS = {
    "instruments": "instruments", "runs": "runs", "decisions": "decisions", "orders": "orders",
    "fills": "fills", "account/history": "trades",
}  # fmt: skip
OF_AN_ACCOUNT = [
    "account/balance", "account/positions", "account/performance", "account/stats",
    "account/equity", "candles?instrument=BTC-USD",
]  # fmt: skip
BY_CURSOR = ["runs", "decisions", "orders", "fills"]
BY_NUMBER = ["instruments", "account/history"]


@pytest.fixture
def lab(db: None) -> World:
    """Alice has entered, and has been stopped out."""
    lab = fakes.world()
    lab.play(*QUIET, JUMP, "102.5", ("101", "101", "98", "98"), first=MONDAY)
    return lab


@pytest.fixture
def alice(lab: World, client: Client) -> Client:
    client.force_login(lab.alice)
    return client


Query = Mapping[str, str | int]


def ask(browser: Client, path: str, query: Query, expected: int = 200) -> Any:
    answer = browser.get(f"/api/v1/{path}", dict(query))
    assert answer.status_code == expected, answer.content
    body = answer.json()
    return body["data"] if expected == 200 else body["error"]


def listed(browser: Client, path: str, **query: str | int) -> list[Any]:
    found: list[Any] = ask(browser, path, query)[KEYS[path]]
    return found


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


def test_a_decision_is_listed_with_every_gates_word(lab: World, alice: Client) -> None:
    decision = listed(alice, "decisions")[-1]

    assert decision["id"] == Decision.objects.earliest("pk").pk
    assert (decision["outcome"], decision["action"]) == ("ordered", "enter_long")
    assert (decision["strategy"], decision["symbol"]) == ("sma_crossover", "BTC-USD")
    assert decision["decided_at"] == "2026-06-01T00:05:00Z"
    assert len(decision["verdicts"]) >= 9
    assert {verdict["status"] for verdict in decision["verdicts"]} == {"passed"}
    assert all(verdict["title"] for verdict in decision["verdicts"])


def test_a_refusal_says_why(lab: World, alice: Client) -> None:
    lab.play(*QUIET, JUMP, first=MONDAY + 100 * fakes.MINUTE)
    Decision.objects.filter(pk=Decision.objects.latest("pk").pk).update(
        outcome="denied", code="TRADING_HALTED"
    )
    (refused,) = listed(alice, "decisions", outcome="denied", code="TRADING_HALTED")
    assert refused["message"].startswith("trading is halted")


def test_orders_and_fills_name_each_other(lab: World, alice: Client) -> None:
    orders = listed(alice, "orders")
    exit_fill, entry_fill = listed(alice, "fills")
    by_leg = {order["leg"]: order for order in orders}

    assert set(by_leg) == {"entry", "stop", "target"}
    assert by_leg["entry"]["status"] == by_leg["stop"]["status"] == "filled"
    assert by_leg["target"]["status"] == "canceled"
    assert by_leg["target"]["reason"]
    assert (entry_fill["order_id"], entry_fill["leg"]) == (by_leg["entry"]["order_id"], "entry")
    assert (exit_fill["order_id"], exit_fill["side"]) == (by_leg["stop"]["order_id"], "sell")
    assert entry_fill["price"] == 102.5
    assert entry_fill["commission"] == pytest.approx(entry_fill["quantity"] * 102.5 * 0.001)


@pytest.mark.parametrize(
    ("path", "query", "count"),
    [
        ("orders", {"status": "filled"}, 2),
        ("orders", {"status": "open"}, 0),
        ("orders", {"symbol": "ETH-USD"}, 0),
        ("orders", {"decision": 10**9}, 0),
        ("fills", {"symbol": "BTC-USD"}, 2),
        ("fills", {"order": "0" * 32}, 0),
        ("fills", {"subscription": 10**9}, 0),
        ("decisions", {"outcome": "denied"}, 0),
        ("decisions", {"symbol": "BTC-USD"}, 2),
        ("runs", {"status": "warming_up"}, 3),
        ("runs", {"status": "completed"}, 4),
        ("runs", {"strategy": "another"}, 0),
        ("instruments", {"venue": "lab"}, 1),
        ("instruments", {"venue": "elsewhere"}, 0),
        ("account/history", {"symbol": "BTC-USD"}, 1),
        ("account/history", {"broker": "Kraken"}, 0),
        ("account/history", {"start_date": "2026-06-01", "end_date": "2026-06-01"}, 1),
        ("account/history", {"end_date": "2026-05-31"}, 0),
        ("account/history", {"start_date": "2026-06-02", "end_date": "9999-12-31"}, 0),
        ("account/history", {"status": "open"}, 0),
    ],
)
def test_lists_can_be_narrowed(
    lab: World, alice: Client, path: str, query: dict[str, str], count: int
) -> None:
    assert len(listed(alice, path, **query)) == count


@pytest.mark.parametrize(
    ("path", "query", "field"),
    [
        *((path, {"per_page": "101"}, "per_page") for path in KEYS),
        *((path, {"per_page": "0"}, "per_page") for path in KEYS),
        *((path, {"cursor": "x"}, "cursor") for path in BY_CURSOR),
        *((path, {"cursor": str(2**63)}, "cursor") for path in BY_CURSOR),
        *((path, {"page": "0"}, "page") for path in BY_NUMBER),
        ("orders", {"status": "lost in the post"}, "status"),
        ("orders", {"symbol": "\0"}, "symbol"),
        ("orders", {"subscription": str(2**63)}, "subscription"),
        ("decisions", {"outcome": "maybe"}, "outcome"),
        ("runs", {"status": "asleep"}, "status"),
        ("account/history", {"start_date": "yesterday"}, "start_date"),
        ("account/history", {"start_date": "2026-06-02", "end_date": "2026-06-01"}, "end_date"),
        ("account/history", {"status": "cancelled"}, "status"),
    ],
)
def test_a_question_that_cannot_be_answered_names_the_part(
    lab: World, alice: Client, path: str, query: dict[str, str], field: str
) -> None:
    error = ask(alice, path, query, 400)
    assert (error["code"], list(error["details"])) == ("VALIDATION_ERROR", [field])


def test_a_round_trip_adds_up(lab: World, alice: Client) -> None:
    (trade,) = listed(alice, "account/history")
    size = trade["quantity"] * trade["entry_price"]
    gross = trade["quantity"] * (trade["exit_price"] - trade["entry_price"])

    assert trade["trade_id"].startswith("trd_")
    assert (trade["side"], trade["status"], trade["exit_reason"]) == ("long", "closed", "stop")
    assert trade["size"] == trade["size_usd"] == pytest.approx(size)
    assert trade["realized_pnl"] == pytest.approx(gross - trade["fees"])
    assert trade["realized_pnl_pct"] == pytest.approx(trade["realized_pnl"] / size * 100)
    assert trade["duration_minutes"] == 1
    assert (trade["broker"], trade["mode"], trade["currency"]) == ("Lab", "paper", "USD")


def test_a_round_trip_that_has_begun_has_no_result(db: None, client: Client) -> None:
    lab = fakes.world()
    lab.play(*QUIET, JUMP, "102.5", first=MONDAY)
    client.force_login(lab.alice)

    assert listed(client, "account/history") == []
    (begun,) = listed(client, "account/history", status="open")

    assert begun["entry_price"] == 102.5
    unknown = ("exit_price", "realized_pnl", "realized_pnl_pct", "closed_at", "duration_minutes")
    assert [begun[name] for name in unknown] == [None] * 5


def test_a_run_does_not_say_for_whom(lab: World, alice: Client) -> None:
    newest = listed(alice, "runs")[0]
    assert newest["candle_close_time"] == "2026-06-01T00:07:00Z"
    assert not {"subscription_ids", "expected", "decided_at"} & set(newest)


def test_runs_end_with_the_subscription(lab: World, alice: Client) -> None:
    type(lab.subscription).objects.update(ended_at=MONDAY + 5 * fakes.MINUTE)
    lab.play(DROP, first=MONDAY + 7 * fakes.MINUTE)
    assert len(listed(alice, "runs")) == 5


@pytest.mark.parametrize("path", BY_CURSOR)
def test_pages_by_cursor_miss_and_repeat_nothing(lab: World, alice: Client, path: str) -> None:
    fifty_of_each(lab)
    key = "order_id" if path == "orders" else "id"
    whole = [row[key] for row in listed(alice, path, per_page=100)]
    seen: list[Any] = []
    query: dict[str, str | int] = {"per_page": 20}
    while True:
        data = ask(alice, path, query)
        seen += [row[key] for row in data[KEYS[path]]]
        if not data["pagination"]["has_next"]:
            break
        query["cursor"] = data["pagination"]["next_cursor"]

    assert data["pagination"]["next_cursor"] is None
    assert seen == whole
    assert len(set(seen)) == len(seen) > 50


@pytest.mark.parametrize("path", BY_NUMBER)
def test_pages_by_number_count_what_there_is(lab: World, alice: Client, path: str) -> None:
    fifty_of_each(lab)
    second = ask(alice, path, {"page": 2, "per_page": 30})
    assert len(second[KEYS[path]]) == 21
    assert second["pagination"] == {
        "page": 2, "per_page": 30, "total_items": 51, "total_pages": 2,
        "has_next": False, "has_prev": True,
    }  # fmt: skip


@pytest.mark.parametrize("path", [*KEYS, *OF_AN_ACCOUNT])
def test_the_number_of_queries_does_not_grow_with_the_rows(
    lab: World, alice: Client, path: str
) -> None:
    few = _queries(alice, path)
    fifty_of_each(lab)
    many = _queries(alice, path)

    assert len(many) == len(few) <= 12, many
    if path in KEYS:
        assert len(listed(alice, path)) == 50


def _queries(browser: Client, path: str) -> Sequence[str]:
    with CaptureQueriesContext(
        connection,
    ) as asked:
        ask(browser, path, {})
    return [query["sql"] for query in asked.captured_queries]
