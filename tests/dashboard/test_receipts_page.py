"""All of one's receipts: narrowed, page by page, as a file and by the API."""

import csv
from datetime import timedelta
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from apps.execution.services import by_hand
from apps.execution.services.tickets import Ticket
from apps.market.models import Instrument
from apps.risk.models import Decision
from apps.strategies.models import Signal, StrategySubscription
from tests import fakes
from tests.dashboard.reading import text
from tests.execution.listing import copies
from tests.fakes import DROP, JUMP, MINUTE, MONDAY, QUIET, World
from trading.gates.codes import MEANINGS, GateCode
from trading.signals import Side

PAGE, FILE, API = "/decisions/", "/decisions.csv", "/api/v1/decisions"
NEXT_DAY = MONDAY + timedelta(days=1)
MARKET_NOW = NEXT_DAY + 10 * MINUTE


@pytest.fixture(scope="module")
def lab_of_the_file(rows_of_the_file: None) -> World:
    """Bought and closed; on Tuesday two sales of nothing are skipped, and a purchase denied."""
    lab = fakes.world()
    lab.play(*QUIET, JUMP, "103", ("103", "107", "103", "107"), first=MONDAY)
    StrategySubscription.objects.filter(pk=lab.subscription.pk).update(capital="0.5")
    lab.play(*QUIET, DROP, *["95"] * 4, "97", first=NEXT_DAY)
    return lab


def _shown(browser: Client, **query: str | int) -> str:
    answer: Any = browser.get(PAGE, query)
    assert answer.status_code == 200, text(answer)
    return text(answer)


def _count(browser: Client, **query: str | int) -> int:
    answer = browser.get(PAGE, query)
    return answer.content.decode().count('id="decision-')


def _many(decision: Decision, count: int) -> None:
    copies(decision.signal, count, source_key=lambda number: f"copy:{number}")
    ids = Signal.objects.filter(source_key__startswith="copy").order_by("pk")
    signals = list(ids.values_list("pk", flat=True))
    copies(decision, count, signal_id=lambda number: signals[number])


def test_each_line_says_what_was_decided_how_grave_it_is_and_what_clears_it(
    lab: World, alice: Client
) -> None:
    shown = _shown(alice)
    assert "Bought 24.5098 BTC-USD at 103.00 — SMA crossover" in shown
    assert "Denied: order of 0.24 USD, minimum " in shown
    assert "NOTIONAL_BELOW_MINIMUM DANGER With a larger order: more capital, or a higher cap" in (
        shown
    )
    assert "NO_POSITION SAFE There is nothing to clear" in shown


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({}, 4),
        ({"outcome": "ordered"}, 1),
        ({"outcome": "denied"}, 1),
        ({"code": "NO_POSITION"}, 2),
        ({"code": "TRADING_HALTED"}, 0),
        ({"symbol": "BTC-USD"}, 4),
        ({"mode": "live"}, 0),
        ({"day": "2026-06-02"}, 3),
        ({"day": "2026-06-01", "outcome": "ordered"}, 1),
        ({"day": "2026-06-03"}, 0),
    ],
)
def test_they_are_narrowed_alike_on_the_page_in_the_file_and_by_the_api(
    lab: World, alice: Client, query: dict[str, str], count: int
) -> None:
    assert _count(alice, **query) == count
    rows = list(csv.DictReader(StringIO(alice.get(FILE, query).content.decode())))
    assert len(rows) == count
    found: Any = alice.get(API, query).json()["data"]["decisions"]
    assert len(found) == count
    assert [int(row["decision"]) for row in rows] == [item["id"] for item in found]


def test_what_narrows_is_chosen_in_words(lab: World, alice: Client) -> None:
    page = alice.get(PAGE).content.decode()
    assert '<option value="DAILY_TRADES">' in page
    assert ">NO_POSITION</option>" not in page
    assert f'<option value="NO_POSITION">{MEANINGS[GateCode.NO_POSITION]}</option>' in page
    assert '<option value="deferred">Left to your approval</option>' in page


def test_a_subscription_of_ones_own_narrows_and_a_strangers_is_no_choice(
    lab: World, alice: Client, client: Client
) -> None:
    assert _count(alice, subscription=lab.subscription.pk) == 4
    client.force_login(fakes.user("bob"))
    refused: Any = client.get(PAGE, {"subscription": lab.subscription.pk})
    assert refused.status_code == 400
    assert "INVALID_FILTER: subscription:" in text(refused)
    assert _count(client) == 0
    assert client.get(FILE).content.decode().count("\n") == 1


@pytest.mark.parametrize(
    "query", [{"outcome": "maybe"}, {"day": "yesterday"}, {"cursor": "x"}, {"code": "NO_SUCH_CODE"}]
)
def test_what_cannot_be_understood_is_said(
    lab: World, alice: Client, query: dict[str, str]
) -> None:
    for path in (PAGE, FILE):
        refused: Any = alice.get(path, query)
        assert refused.status_code == 400
        assert "INVALID_FILTER" in text(refused)


def test_an_empty_list_says_when_the_first_comes(lab: World, client: Client) -> None:
    bob = fakes.user("bob")
    fakes.subscribe(bob, lab.version, fakes.account(bob, lab.venue))
    client.force_login(bob)
    assert "There is no such decision yet: the first signal" in _shown(client)


def test_the_pages_keep_what_was_asked_and_neither_skip_nor_repeat(
    lab: World, alice: Client, django_assert_max_num_queries: Any
) -> None:
    _many(Decision.objects.get(outcome="denied"), 60)

    with django_assert_max_num_queries(12):
        first: Any = alice.get(PAGE, {"outcome": "denied"})
    older = first.context["page"].older
    assert f'href="?outcome=denied&amp;cursor={older}"' in first.content.decode()
    second: Any = alice.get(PAGE, {"outcome": "denied", "cursor": older})

    ids = [line.decision.pk for page in (first, second) for line in page.context["page"].lines]
    assert len(ids) == len(set(ids)) == 61
    assert ids == sorted(ids, reverse=True)


def test_the_file_says_all_that_the_page_says(lab: World, alice: Client) -> None:
    answer = alice.get(FILE, {"outcome": "denied"})
    assert answer["Content-Disposition"] == 'attachment; filename="decisions.csv"'
    (row,) = csv.DictReader(StringIO(answer.content.decode()))
    assert row["sentence"].startswith("Denied: order of 0.24 USD, minimum ")
    assert (row["code"], row["severity"]) == ("NOTIONAL_BELOW_MINIMUM", "DANGER")
    assert (row["symbol"], row["strategy"], row["orders"]) == ("BTC-USD", "sma_crossover", "")
    (bought,) = csv.DictReader(StringIO(alice.get(FILE, {"outcome": "ordered"}).content.decode()))
    assert len(bought["orders"].split()) == 3
    assert bought["quantity"] == "24.5098"


def test_the_api_says_the_sentence_what_clears_it_and_the_orders(lab: World, alice: Client) -> None:
    (denied,) = alice.get(API, {"outcome": "denied"}).json()["data"]["decisions"]
    assert denied["sentence"].startswith("Denied: order of 0.24 USD")
    assert denied["clears"] == "with a larger order: more capital, or a higher cap"
    assert (denied["severity"], denied["clears_at"], denied["orders"]) == ("DANGER", None, [])
    refused = [item for item in denied["verdicts"] if item["status"] == "refused"]
    assert "order of 0.24 USD, minimum 1.00 USD (set by the venue)" in {
        item["sentence"] for item in refused
    }
    assert all(item["clears"] for item in refused)

    (bought,) = alice.get(API, {"outcome": "ordered"}).json()["data"]["decisions"]
    assert [order["leg"] for order in bought["orders"]] == ["entry", "stop", "target"]
    assert bought["orders"][0]["status"] == "filled"
    assert (bought["severity"], bought["clears"]) == ("SAFE", "")


def test_one_receipt_by_the_api_says_under_what_it_was_decided(
    lab: World, alice: Client, client: Client
) -> None:
    denied = Decision.objects.get(outcome="denied")
    told = alice.get(f"{API}/{denied.pk}").json()["data"]
    settings = {item["name"]: (item["value"], item["source"]) for item in told["settings"]}
    assert settings["capital"] == ("0.5", "subscription")
    assert settings["max_positions"] == ("3", "strategy")
    assert told["switches"] == []
    assert told["source"] == "run"
    client.force_login(fakes.user("bob"))
    assert client.get(f"{API}/{denied.pk}").status_code == 404


def test_the_filter_by_code_is_answered_by_its_index(lab: World) -> None:
    _many(Decision.objects.get(outcome="denied"), 300)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE risk_decision")
        rows = Decision.objects.of(lab.alice).exclude(code="").filter(code="NO_POSITION")
        sql, parameters = rows.order_by("-pk")[:50].query.sql_with_params()
        cursor.execute(f"EXPLAIN {sql}", parameters)
        plan = " ".join(row[0] for row in cursor.fetchall())
    assert "decision_by_code" in plan


def test_the_feed_leads_to_all_of_them(lab: World, alice: Client) -> None:
    home: Any = alice.get("/")
    assert f'href="{PAGE}">All decisions' in home.content.decode()


def test_what_is_traded_by_hand_only_narrows_too(lab: World, alice: Client) -> None:
    """Of what a ticket bought, and of what one was refused that bought nothing."""
    for symbol, ordered in (("ETH-USD", True), ("SOL-EUR", False)):
        traded = fakes.instrument(lab.venue, symbol)
        fakes.write(traded, QUIET, MARKET_NOW - 4 * MINUTE)
        receipt = by_hand.place(Ticket(lab.account, traded, Side.BUY, Decimal(25)), key=symbol)
        assert receipt.is_ordered is ordered
        assert _count(alice, symbol=symbol) == 1
    fakes.write(Instrument.objects.get(symbol="ETH-USD"), ["100"], MARKET_NOW)
    fakes.close(lab.venue, MARKET_NOW + MINUTE)
    assert '<option value="ETH-USD">' in alice.get(PAGE).content.decode()

    for unknown in ("NONE-SUCH", "ETH\0", "\0"):
        refused: Any = alice.get(PAGE, {"symbol": unknown})
        assert refused.status_code == 400
