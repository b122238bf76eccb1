"""What the API says of an account now."""

from typing import Any

import pytest
from django.test import Client

from tests import fakes
from tests.fakes import MONDAY, World

BALANCE = "/api/v1/account/balance"
POSITIONS = "/api/v1/account/positions"
FEE = 24.5098 * 103 * 0.001


def ask(browser: Client, path: str, status: int = 200, **query: str | int) -> Any:
    answer = browser.get(path, query)
    assert answer.status_code == status, answer.content
    body = answer.json()
    return body["data"] if status == 200 else body["error"]


def test_a_balance_before_any_trade_is_the_deposit(lab: World, alice: Client) -> None:
    assert ask(alice, BALANCE) == {
        "book": "lab.paper.USD", "broker": "Lab", "mode": "paper", "currency": "USD",
        "cash": 100_000, "equity": 100_000, "unrealized_pnl": 0, "buying_power": 100_000,
        "last_updated": "2026-06-01T00:00:00Z",
    }  # fmt: skip


def test_cash_set_aside_for_an_entry_cannot_be_spent(lab: World, alice: Client) -> None:
    lab.play(*fakes.QUIET, fakes.JUMP, first=MONDAY)
    found = ask(alice, BALANCE)
    assert found["cash"] == 100_000
    assert found["buying_power"] < 97_600


def test_a_position_is_valued_at_the_last_price(lab: World, alice: Client) -> None:
    lab.play(*fakes.QUIET, fakes.JUMP, "103", "104", first=MONDAY)
    found = ask(alice, POSITIONS)
    (position,) = found["positions"]

    assert position["position_id"].startswith("pos_")
    assert (position["symbol"], position["side"], position["broker"]) == ("BTC-USD", "long", "Lab")
    assert (position["entry_price"], position["current_price"]) == (103, 104)
    assert position["quantity"] == 24.5098
    assert position["size"] == position["size_usd"] == pytest.approx(24.5098 * 104)
    assert position["unrealized_pnl"] == pytest.approx(24.5098)
    assert position["unrealized_pnl_pct"] == pytest.approx(100 / 103)
    assert (position["stop_loss"], position["take_profit"]) == (99.96, 106.08)
    assert position["opened_at"] == "2026-06-01T00:05:00Z"
    assert found["summary"] == {
        "total_positions": 1, "currency": "USD",
        "total_value": position["size"], "total_value_usd": position["size"],
        "total_unrealized_pnl": position["unrealized_pnl"],
        "total_unrealized_pnl_pct": position["unrealized_pnl_pct"],
    }  # fmt: skip
    balance = ask(alice, BALANCE)
    assert balance["unrealized_pnl"] == position["unrealized_pnl"]
    assert balance["equity"] == pytest.approx(100_000 + 24.5098 - FEE)


def test_nothing_held_is_worth_nothing_and_has_no_percentage(lab: World, alice: Client) -> None:
    summary = ask(alice, POSITIONS)["summary"]
    assert (summary["total_positions"], summary["total_value"]) == (0, 0)
    assert summary["total_unrealized_pnl_pct"] is None


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({"symbol": "BTC-USD"}, 1),
        ({"symbol": "ETH-USD"}, 0),
        ({"broker": "Lab"}, 1),
        ({"broker": "lab"}, 1),
        ({"broker": "Kraken"}, 0),
        ({"book": "lab.paper.USD"}, 1),
    ],
)
def test_positions_can_be_narrowed(
    lab: World, alice: Client, query: dict[str, str], count: int
) -> None:
    lab.play(*fakes.QUIET, fakes.JUMP, "103", first=MONDAY)
    assert len(ask(alice, POSITIONS, 200, **query)["positions"]) == count


@pytest.mark.parametrize("path", [BALANCE, POSITIONS])
def test_a_book_that_is_not_ones_own_is_not_found(lab: World, client: Client, path: str) -> None:
    elsewhere = fakes.venue("elsewhere")
    bob = fakes.user("bob")
    fakes.account(bob, elsewhere)
    client.force_login(bob)

    error = ask(client, path, 404, book="lab.paper.USD")

    assert (error["code"], error["message"]) == ("NOT_FOUND", "You have no accounts lab.paper.USD.")
    assert ask(client, path)


@pytest.mark.parametrize("path", [BALANCE, POSITIONS])
def test_without_an_account_there_is_nothing(db: None, client: Client, path: str) -> None:
    client.force_login(fakes.user("carol"))
    assert ask(client, path, 404)["message"] == "You have no account yet."
