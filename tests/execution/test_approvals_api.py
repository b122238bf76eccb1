"""Answering what waits, and changing who places entries, by the API."""

from typing import Any

import pytest
from django.test import Client

from apps.execution.models import Approval, Order
from apps.risk.models import Decision
from apps.strategies import services as strategies
from apps.strategies.models import StrategySubscription
from tests.fakes import JUMP, MINUTE, MONDAY, QUIET, World, user, world
from trading.gates.execution_mode import ExecutionMode

pytestmark = pytest.mark.django_db
ENTERED = MONDAY + 5 * MINUTE
LIST = "/api/v1/approvals"


@pytest.fixture(scope="module")
def lab_of_the_file(rows_of_the_file: None) -> World:
    made = world()
    strategies.set_execution(made.subscription, ExecutionMode.APPROVE, now=MONDAY, by=made.alice.pk)
    made.play(*QUIET, JUMP, first=MONDAY)
    return made


def answer(client: Client, word: str) -> Any:
    return client.post(f"{LIST}/{Approval.objects.get().pk}/{word}")


def listed(client: Client, **asked: str) -> Any:
    return client.get(LIST, asked).json()["data"]["approvals"]


def test_what_waits_is_listed_with_how_the_price_has_moved(lab: World, alice: Client) -> None:
    lab.play("103.02", first=ENTERED)

    (row,) = listed(alice)

    assert row["decision"] == Decision.objects.get(outcome="deferred").pk
    assert (row["symbol"], row["action"], row["mode"]) == ("BTC-USD", "enter_long", "paper")
    assert (row["price"], row["price_now"], row["drift"]) == (102.0, 103.02, 0.01)
    assert row["seconds_left"] == 29 * 60
    assert (row["answer"], row["outcome"], row["answered_at"]) == ("waiting", None, None)


def test_approving_orders_and_says_so(alice: Client) -> None:
    body = answer(alice, "approve").json()["data"]

    assert (body["answer"], body["outcome"], body["code"]) == ("approved", "ordered", "")
    assert body["answered_by"] == "alice@example.com"
    assert Order.objects.get().decision_id == body["decision"]
    assert listed(alice) == []
    assert [row["id"] for row in listed(alice, answer="approved")] == [body["id"]]
    assert [row["id"] for row in listed(alice, answer="every")] == [body["id"]]


def test_a_gate_that_refuses_now_is_named(lab: World, alice: Client) -> None:
    lab.play("105", first=ENTERED)

    body = answer(alice, "approve").json()["data"]

    assert (body["outcome"], body["code"]) == ("denied", "PRICE_DRIFTED")
    assert body["message"] == "the price has run away since the signal"


@pytest.mark.parametrize("first", ["approve", "decline"])
@pytest.mark.parametrize("then", ["approve", "decline"])
def test_what_was_answered_is_409(alice: Client, first: str, then: str) -> None:
    answer(alice, first)

    refused = answer(alice, then)

    assert refused.status_code == 409
    assert refused.json()["error"]["code"] == "APPROVAL_ANSWERED"


def test_what_has_expired_is_409(lab: World, alice: Client) -> None:
    Approval.objects.update(asked_at=MONDAY, expires_at=ENTERED)

    refused = answer(alice, "approve")

    assert refused.status_code == 409
    assert refused.json()["error"]["code"] == "APPROVAL_EXPIRED"
    assert listed(alice) == []
    for asked in ("every", "expired"):
        (row,) = listed(alice, answer=asked)
        assert (row["answer"], row["seconds_left"]) == ("expired", 0)


@pytest.mark.parametrize("word", ["approve", "decline"])
def test_a_stranger_finds_nothing(lab: World, client: Client, word: str) -> None:
    client.force_login(user("bob"))

    assert answer(client, word).status_code == 404
    assert Approval.objects.get().answer == "waiting"
    assert listed(client, answer="every") == []


def test_who_places_entries_is_changed_by_the_owner_only(lab: World, alice: Client) -> None:
    path = f"/api/v1/subscriptions/{lab.subscription.pk}"
    changed = alice.patch(path, {"execution": "watch"}, "application/json")
    assert changed.json()["data"]["execution"] == "watch"
    assert StrategySubscription.objects.get().execution == "watch"

    wrong = alice.patch(path, {"execution": "maybe"}, "application/json")
    assert wrong.status_code == 400

    alice.force_login(user("bob"))
    assert alice.patch(path, {"execution": "watch"}, "application/json").status_code == 404

    alice.force_login(lab.alice)
    strategies.end(lab.subscription, now=ENTERED)
    late = alice.patch(path, {"execution": "automatic"}, "application/json")
    assert (late.status_code, late.json()["error"]["code"]) == (409, "SUBSCRIPTION_ENDED")
