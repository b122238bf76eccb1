"""The lists of the API: what is in them, and how they are narrowed."""

from datetime import timedelta

import pytest
from django.test import Client

from apps.execution.models import Order
from apps.risk.models import Decision
from tests import fakes
from tests.execution.listing import BY_CURSOR, BY_NUMBER, KEYS, ask, listed, stopped_out
from tests.fakes import DROP, JUMP, MONDAY, QUIET, World


@pytest.fixture
def lab(db: None) -> World:
    return stopped_out()


def test_a_decision_is_listed_with_every_gates_word(lab: World, alice: Client) -> None:
    decision = listed(alice, "decisions")[-1]

    assert decision["id"] == Decision.objects.earliest("pk").pk
    assert (decision["outcome"], decision["action"]) == ("ordered", "enter_long")
    assert (decision["strategy"], decision["symbol"]) == ("sma_crossover", "BTC-USD")
    assert decision["decided_at"] == "2026-06-01T00:05:00Z"
    assert len(decision["verdicts"]) >= 9
    assert {verdict["status"] for verdict in decision["verdicts"]} == {"passed", "not_applicable"}
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


def test_an_order_says_of_what_kind_it_is_and_how_long_it_lasts(lab: World, alice: Client) -> None:
    ends = MONDAY + timedelta(days=1)
    Order.objects.filter(leg="entry").update(
        order_type="limit", limit_price=100, post_only=True, time_in_force="day", expire_time=ends
    )

    (entry,) = [order for order in listed(alice, "orders") if order["leg"] == "entry"]

    assert (entry["type"], entry["limit_price"], entry["trigger_price"]) == ("limit", 100, None)
    assert (entry["time_in_force"], entry["expire_time"]) == ("day", "2026-06-02T00:00:00Z")
    assert (entry["post_only"], entry["reduce_only"]) == (True, False)


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
    assert trade["mae"] >= -gross > 0
    assert trade["mfe"] >= 0
    assert (trade["broker"], trade["mode"], trade["currency"]) == ("Lab", "paper", "USD")


def test_a_round_trip_that_has_begun_has_no_result(db: None, client: Client) -> None:
    lab = fakes.world()
    lab.play(*QUIET, JUMP, "102.5", first=MONDAY)
    client.force_login(lab.alice)

    assert listed(client, "account/history") == []
    (begun,) = listed(client, "account/history", status="open")

    assert begun["entry_price"] == 102.5
    unknown = ("exit_price", "realized_pnl", "closed_at", "duration_minutes", "mae", "mfe")
    assert [begun[name] for name in unknown] == [None] * 6


def test_a_run_does_not_say_for_whom(lab: World, alice: Client) -> None:
    newest = listed(alice, "runs")[0]
    assert newest["candle_close_time"] == "2026-06-01T00:07:00Z"
    assert not {"subscription_ids", "expected", "decided_at"} & set(newest)


def test_runs_end_with_the_subscription(lab: World, alice: Client) -> None:
    type(lab.subscription).objects.update(ended_at=MONDAY + 5 * fakes.MINUTE)
    lab.play(DROP, first=MONDAY + 7 * fakes.MINUTE)
    assert len(listed(alice, "runs")) == 5
