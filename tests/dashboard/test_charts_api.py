"""What the charts ask of the API."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from apps.common.errors import Refused
from apps.dashboard.api import questions
from apps.market.services.candles import record_candles
from tests import fakes
from tests.fakes import MINUTE, MONDAY, World
from trading.candles import Timeframe, aggregate

CANDLES = "/api/v1/candles"
EQUITY = "/api/v1/account/equity"


def _ask(browser: Client, path: str, status: int = 200, **query: str | int) -> Any:
    answer = browser.get(path, query)
    assert answer.status_code == status, answer.content
    body = answer.json()
    assert body["success"] is (status == 200)
    assert body["timestamp"].endswith("Z")
    return body["data"] if status == 200 else body["error"]


def _epoch(minutes: int) -> int:
    return int((MONDAY + minutes * MINUTE).timestamp())


def test_candles_come_oldest_first_by_their_open(lab: World, alice: Client) -> None:
    lab.play("100", ("101", "103", "99", "102"), first=MONDAY)
    found = _ask(alice, CANDLES, instrument="BTC-USD")
    assert found["candles"] == [
        {"time": _epoch(0), "open": 100, "high": 100, "low": 100, "close": 100, "volume": 1000},
        {"time": _epoch(1), "open": 101, "high": 103, "low": 99, "close": 102, "volume": 1000},
    ]
    assert (found["timeframe"], found["seconds"], found["price_places"]) == ("1m", 60, 2)


def test_candles_ahead_of_the_venues_clock_are_not_shown(lab: World, alice: Client) -> None:
    lab.play("100", first=MONDAY)
    fakes.write(lab.instrument, ["200"], MONDAY + MINUTE)
    found = _ask(alice, CANDLES, instrument="BTC-USD")
    assert [bar["close"] for bar in found["candles"]] == [100]


def test_the_limit_keeps_the_newest(lab: World, alice: Client) -> None:
    lab.play("100", "101", "102", first=MONDAY)
    found = _ask(alice, CANDLES, instrument="BTC-USD", limit=2)
    assert [bar["close"] for bar in found["candles"]] == [101, 102]


def test_the_candle_that_is_still_open_is_told_apart(lab: World, alice: Client) -> None:
    prices: list[fakes.Prices] = [*["100"] * 5, ("101", "104", "98", "103"), "102"]
    lab.play(*prices, first=MONDAY)
    minutes = [fakes.candle(MONDAY + index * MINUTE, price) for index, price in enumerate(prices)]
    record_candles(Timeframe.M5, {lab.instrument.pk: aggregate(minutes, Timeframe.M5)})

    found = _ask(alice, CANDLES, instrument="BTC-USD", timeframe="5m")

    assert [bar["time"] for bar in found["candles"]] == [_epoch(0)]
    assert found["forming"] == {
        "time": _epoch(5), "open": 101, "high": 104, "low": 98, "close": 102, "volume": 2000,
    }  # fmt: skip


def test_own_fills_and_plans_are_drawn(lab: World, alice: Client) -> None:
    lab.play(*fakes.QUIET, fakes.JUMP, "103", first=MONDAY)
    found = _ask(alice, CANDLES, instrument="BTC-USD")
    assert found["markers"] == [
        {"time": _epoch(5), "side": "buy", "leg": "entry", "quantity": 24.5098, "price": 103}
    ]
    assert [(line["kind"], line["price"]) for line in found["lines"]] == [
        ("entry", 103), ("stop", 99.96), ("target", 106.08),
    ]  # fmt: skip


def test_the_fills_of_another_are_not_drawn(lab: World, client: Client) -> None:
    lab.play(*fakes.QUIET, fakes.JUMP, "103", first=MONDAY)
    bob = fakes.user("bob")
    fakes.account(bob, lab.venue)
    client.force_login(bob)
    found = _ask(client, CANDLES, instrument="BTC-USD")
    assert (found["markers"], found["lines"]) == ([], [])
    assert found["candles"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({}, "instrument"),
        ({"instrument": "BTC-USD", "timeframe": "7m"}, "timeframe"),
        ({"instrument": "BTC-USD", "limit": "0"}, "limit"),
        ({"instrument": "BTC-USD", "limit": "1001"}, "limit"),
        ({"instrument": "BTC-USD", "limit": "many"}, "limit"),
    ],
)
def test_a_question_that_cannot_be_answered_says_which_part(
    lab: World, alice: Client, query: dict[str, str], field: str
) -> None:
    error = _ask(alice, CANDLES, 400, **query)
    assert error["code"] == "VALIDATION_ERROR"
    assert list(error["details"]) == [field]


def test_an_unknown_instrument_is_not_found(lab: World, alice: Client) -> None:
    error = _ask(alice, CANDLES, 404, instrument="DOGE-USD")
    assert error["code"] == "NOT_FOUND"
    assert "DOGE-USD" in error["message"]


@pytest.mark.parametrize("path", [CANDLES, EQUITY])
def test_an_anonymous_caller_is_told_to_sign_in(db: None, client: Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == "Bearer"
    assert answer.json()["error"]["code"] == "TOKEN_INVALID"


def test_an_address_that_does_not_exist_is_answered_in_the_envelope(
    db: None, client: Client
) -> None:
    assert _ask(client, "/api/v1/nothing", 404)["code"] == "NOT_FOUND"


def test_another_method_is_not_allowed(lab: World, alice: Client) -> None:
    answer = alice.post(EQUITY)
    assert answer.status_code == 405
    assert answer.json()["error"]["code"] == "METHOD_NOT_ALLOWED"


def test_a_refusal_of_a_service_keeps_its_code(
    lab: World, alice: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise Refused("TOO_MUCH", "That is too much.")

    monkeypatch.setattr(questions, "books", refuse)
    error = _ask(alice, EQUITY, 400)
    assert (error["code"], error["message"]) == ("TOO_MUCH", "That is too much.")


def test_the_equity_runs_from_the_first_deposit_to_now(lab: World, alice: Client) -> None:
    lab.play(*fakes.QUIET, fakes.JUMP, "103", first=MONDAY)
    found = _ask(alice, EQUITY)
    points = found["points"]
    assert (found["currency"], found["mode"]) == ("USD", "paper")
    assert points[0] == {"time": _epoch(0), "value": 100_000.0}
    fee = Decimal("24.5098") * 103 * Decimal("0.001")
    assert points[-1] == {"time": _epoch(6), "value": float(100_000 - fee)}


@pytest.mark.parametrize(("span", "days"), [("day", 1), ("week", 7), ("all", 9)])
def test_a_span_begins_so_long_ago(lab: World, alice: Client, span: str, days: int) -> None:
    now = MONDAY + timedelta(days=9)
    fakes.close(lab.venue, now)
    first = _ask(alice, EQUITY, span=span)["points"][0]
    assert first["time"] == int((now - timedelta(days=days)).timestamp())


def test_without_an_account_there_is_no_equity(db: None, client: Client) -> None:
    client.force_login(fakes.user("carol"))
    assert _ask(client, EQUITY, 404)["message"] == "You have no account yet."


def test_one_pages_back_by_the_time_of_the_first(lab: World, alice: Client) -> None:
    lab.play("100", "101", "102", first=MONDAY)
    before = (MONDAY + 2 * MINUTE).isoformat()
    found = _ask(alice, CANDLES, instrument="BTC-USD", limit=1, before=before)
    assert [bar["close"] for bar in found["candles"]] == [101]
