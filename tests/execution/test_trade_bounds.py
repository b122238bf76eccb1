"""Whose orders by hand are, and how large they may be typed."""

from typing import Any

import pytest
from django.test import Client

from apps.execution.models import Order
from apps.risk.models import Decision
from apps.strategies import services as strategies
from apps.strategies.models import StrategySubscription
from tests import fakes
from tests.execution.tickets import TRADE, WHAT_IF, send, ticket
from tests.fakes import MINUTE, MONDAY, QUIET, World
from trading.gates.execution_mode import ExecutionMode

pytestmark = pytest.mark.django_db

LIMIT = {"order_type": "limit"}


@pytest.fixture
def lab() -> World:
    lab = fakes.world()
    lab.play(*QUIET, first=MONDAY)
    return lab


def test_nobody_lists_or_changes_the_subscription_of_orders_by_hand(
    lab: World, alice: Client
) -> None:
    """What would hold its entries back would hold back what its owner types."""
    assert send(alice, TRADE, ticket(lab)).status_code == 201
    own = StrategySubscription.objects.get(is_by_hand=True)
    one = f"/api/v1/subscriptions/{own.pk}"
    listed = alice.get("/api/v1/subscriptions").json()["data"]["subscriptions"]
    assert [each["id"] for each in listed] == [lab.subscription.pk]
    assert f"/subscriptions/{own.pk}/" not in alice.get("/subscriptions/").content.decode()
    for path in (one, f"{one}/readiness", f"/subscriptions/{own.pk}/"):
        assert alice.get(path).status_code == 404, path
    assert alice.get(f"/subscriptions/{own.pk}/live/").status_code == 404
    watch = {"execution": "watch"}
    assert alice.patch(one, watch, "application/json").status_code == 404
    assert alice.post(f"/subscriptions/{own.pk}/", watch).status_code == 404
    assert not strategies.set_execution(own, ExecutionMode.WATCH, now=MONDAY, by=lab.alice.pk)
    own.refresh_from_db()
    assert own.execution == "automatic"


@pytest.mark.parametrize("execution", ["watch", "approve"])
def test_what_is_typed_is_ordered_however_its_subscription_was_set(
    lab: World, alice: Client, execution: str
) -> None:
    strategies.subscription_by_hand(lab.account)
    StrategySubscription.objects.filter(is_by_hand=True).update(execution=execution)
    answer = send(alice, TRADE, ticket(lab))
    assert answer.status_code == 201, answer.content
    assert [each["status"] for each in answer.json()["data"]["orders"]] == ["accepted"]


@pytest.mark.parametrize("path", [TRADE, WHAT_IF])
@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"quantity": 10**12 + 1}, "VALIDATION_ERROR"),
        ({"quantity": None, "notional": 10**20 - 1}, "VALIDATION_ERROR"),
        ({"stop": 10**19}, "VALIDATION_ERROR"),
        # 10^21 units, which no column holds
        (
            LIMIT | {"quantity": None, "notional": 10**12, "limit_price": "1e-9"},
            "TICKET_NOT_USABLE",
        ),
        # units that fit, whose worth does not
        (LIMIT | {"quantity": 10**12, "limit_price": 10**12}, "TICKET_NOT_USABLE"),
        ({"quantity": 10**12, "side": "sell", "stop": 10**12}, "TICKET_NOT_USABLE"),
    ],
    ids=str,
)
def test_what_no_number_of_ours_holds_is_said(
    lab: World, alice: Client, path: str, fields: dict[str, Any], code: str
) -> None:
    answer = send(alice, path, ticket(lab, **fields))
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, code)
    assert not Decision.objects.exists()


@pytest.mark.parametrize("path", [TRADE, WHAT_IF])
def test_the_largest_that_can_be_typed_is_denied_like_any_other(
    lab: World, alice: Client, path: str
) -> None:
    fields = LIMIT | {"quantity": None, "notional": 10**12, "limit_price": "0.01"}
    answer = send(alice, path, ticket(lab, **fields))
    told = answer.json()
    receipt = told["error"]["details"]["receipt"] if path == TRADE else told["data"]
    assert (receipt["outcome"], receipt["quantity"]) == ("denied", 10**14)


def test_what_closes_is_never_too_much(lab: World, alice: Client) -> None:
    assert send(alice, TRADE, ticket(lab)).status_code == 201
    lab.play("100", "15000000", first=MONDAY + 4 * MINUTE)

    answer = send(alice, TRADE, ticket(lab, side="sell", quantity=10**12))

    assert answer.status_code == 201, answer.content
    assert Order.objects.get(leg="exit").quantity == 20, "what is held"
