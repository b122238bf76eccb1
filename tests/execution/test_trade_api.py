"""`POST /api/v2/trade` and `POST /api/v1/what-if`: the answer is the receipt."""

from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client

from apps.execution.models import Order, Position
from apps.risk.models import Decision
from tests import fakes
from tests.execution.tickets import TRADE, WHAT_IF, send, ticket
from tests.fakes import MINUTE, MONDAY, QUIET, World

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def lab_of_the_file(rows_of_the_file: None) -> World:
    lab = fakes.world()
    lab.play(*QUIET, first=MONDAY)
    return lab


def counts() -> dict[str, int]:
    return {model.__name__: model._default_manager.count() for model in apps.get_models()}


def sequences() -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT sequencename, coalesce(last_value, 0) FROM pg_sequences")
        return dict(cursor.fetchall())


def test_what_is_ordered_is_answered_with_its_receipt(lab: World, alice: Client) -> None:
    answer = send(alice, TRADE, ticket(lab, stop=95, target=110.5))

    assert answer.status_code == 201, answer.content
    told = answer.json()["data"]
    decision = Decision.objects.get(signal__source="manual")
    assert (told["decision"], told["outcome"], told["code"]) == (decision.pk, "ordered", "")
    assert (told["simulated"], told["risk_level"], told["quantity"]) == (False, "SAFE", 20)
    assert [verdict["status"] for verdict in told["verdicts"]].count("passed") > 20
    assert len(told["verdicts"]) == 37
    assert {"name": "most_notional", "value": "5000", "source": "tier"} in told["limits"]
    (order,) = told["orders"]
    assert order["order_id"] == Order.objects.get().client_order_id
    assert (order["status"], order["decision"]) == ("accepted", decision.pk)


@pytest.mark.parametrize("where", ["header", "body"])
def test_the_same_key_again_orders_nothing(lab: World, alice: Client, where: str) -> None:
    body = ticket(lab, client_id="tap" if where == "body" else None)
    headers = {"Idempotency-Key": "tap"} if where == "header" else {}
    first = send(alice, TRADE, body, **headers)
    again = send(alice, TRADE, body, **headers)
    other = send(alice, TRADE, {**body, "quantity": 21}, **headers)

    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json()["data"] == first.json()["data"]
    assert (other.status_code, other.json()["error"]["code"]) == (400, "KEY_USED")
    assert Order.objects.count() == 1


def test_a_denial_is_a_400_with_its_code_and_receipt(lab: World, alice: Client) -> None:
    answer = send(alice, TRADE, ticket(lab, quantity=None, notional=9_000))

    assert answer.status_code == 400
    error = answer.json()["error"]
    assert error["code"] == "NOTIONAL_EXCEEDS_MAX_PER_ORDER"
    assert (
        error["message"] == "order of 9,000.00 USD, at most 5,000.00 USD (set by the capital tier)"
    )
    receipt = error["details"]["receipt"]
    assert (receipt["outcome"], receipt["above"]) == ("denied", "SHARE:tier")
    assert (receipt["risk_level"], receipt["orders"]) == ("DANGER", [])
    told = {each["code"]: each for each in receipt["verdicts"] if each["code"]}
    assert told["SIZE_ABOVE_CAP"]["source"] == "SHARE:tier"
    assert told["SIZE_ABOVE_CAP"]["sentence"].startswith("size 90, at most ")
    assert not Order.objects.exists()


@pytest.mark.parametrize("path", [TRADE, WHAT_IF])
@pytest.mark.parametrize("fields", [{}, {"quantity": 500}, {"side": "sell"}], ids=str)
def test_nothing_is_written_by_asking(
    lab: World, alice: Client, path: str, fields: dict[str, Any]
) -> None:
    body = ticket(lab, **fields, simulate=True if path == TRADE else None)
    rows, taken = counts(), sequences()
    answer = send(alice, path, body)

    assert answer.status_code == 200, answer.content
    told = answer.json()["data"]
    assert (told["simulated"], told["decision"], told["subscription"]) == (True, None, None)
    assert counts() == rows
    # What an account has of its own for orders by hand was made and undone: its row has a number.
    grown = {name for name, last in sequences().items() if last != taken[name]}
    assert grown <= {
        "strategies_strategy_id_seq", "strategies_strategyversion_id_seq",
        "strategies_strategysubscription_id_seq", "risk_riskstate_id_seq",
    }  # fmt: skip


def test_asked_or_ordered_the_receipt_is_the_same(lab: World, alice: Client) -> None:
    asked = send(alice, WHAT_IF, ticket(lab, stop=95)).json()["data"]
    ordered = send(alice, TRADE, ticket(lab, stop=95)).json()["data"]
    its_own = {"simulated", "decision", "subscription", "orders"}
    assert set(asked) == set(ordered)
    for name in set(asked) - its_own:
        assert asked[name] == ordered[name], name


def test_simulating_uses_no_key_up(lab: World, alice: Client) -> None:
    body = ticket(lab, client_id="tap")
    assert send(alice, TRADE, {**body, "simulate": True}).status_code == 200
    assert send(alice, TRADE, body).status_code == 201


def test_a_position_by_hand_is_closed_and_told_like_any_other(lab: World, alice: Client) -> None:
    send(alice, TRADE, ticket(lab))
    lab.play("100", first=MONDAY + 4 * MINUTE)
    answer = send(alice, TRADE, ticket(lab, side="sell"))
    assert answer.status_code == 201
    told = answer.json()["data"]
    assert (told["action"], len(told["verdicts"])) == ("exit_long", 1)
    shown = alice.get(f"/decisions/{told['decision']}/").content.decode()
    assert "By hand" in shown
    lab.play("100", first=MONDAY + 5 * MINUTE)
    assert not Position.objects.exclude(quantity=0).exists()


@pytest.mark.parametrize("path", [TRADE, WHAT_IF])
@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        ({"symbol": "DOGE-MOON"}, 404, "UNKNOWN_SYMBOL"),
        ({"account": 987_654_321}, 404, "ACCOUNT_NOT_FOUND"),
        ({"account": "x"}, 400, "VALIDATION_ERROR"),
        ({"side": "hold"}, 400, "VALIDATION_ERROR"),
        ({"quantity": None}, 400, "VALIDATION_ERROR"),
        ({"quantity": -1}, 400, "VALIDATION_ERROR"),
        ({"quantity": "NaN"}, 400, "VALIDATION_ERROR"),
        ({"notional": 5}, 400, "VALIDATION_ERROR"),
        ({"order_type": "limit"}, 400, "VALIDATION_ERROR"),
        ({"limit_price": 99}, 400, "VALIDATION_ERROR"),
        ({"order_type": "stop_market"}, 400, "VALIDATION_ERROR"),
        ({"quantity": 0}, 400, "QUANTITY_BELOW_MINIMUM"),
        ({"stop": 101}, 400, "TICKET_NOT_USABLE"),
    ],
    ids=str,
)
def test_what_cannot_be_asked_is_said(
    lab: World, alice: Client, path: str, fields: dict[str, Any], status: int, code: str
) -> None:
    answer = send(alice, path, ticket(lab, **fields))
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert not Decision.objects.exists()


@pytest.mark.parametrize("path", [TRADE, WHAT_IF])
def test_the_account_of_another_is_not_there(lab: World, client: Client, path: str) -> None:
    client.force_login(fakes.user("bob"))
    answer = send(client, path, ticket(lab))
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "ACCOUNT_NOT_FOUND")
    assert not Decision.objects.exists()


@pytest.mark.parametrize("path", [TRADE, WHAT_IF])
def test_who_is_not_signed_in_orders_nothing(lab: World, client: Client, path: str) -> None:
    assert send(client, path, ticket(lab)).status_code == 401


def test_a_key_is_not_endless(lab: World, alice: Client) -> None:
    long = send(alice, TRADE, ticket(lab), **{"Idempotency-Key": "k" * 65})
    two = send(alice, TRADE, ticket(lab, client_id="a"), **{"Idempotency-Key": "b"})
    for answer in (long, two):
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "KEY_NOT_USABLE")
