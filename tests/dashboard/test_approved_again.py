"""What was decided when an approval came: told on the pages, by the API and in the file."""

import csv
from decimal import Decimal
from io import StringIO

import pytest
from django.test import Client

from apps.common.models import Mode
from apps.execution.models import Approval, Order
from apps.execution.services.approving import approve
from apps.risk.models import Decision
from apps.risk.services.limits import set_limits
from apps.strategies import services as strategies
from tests import fakes
from tests.dashboard.reading import text
from tests.fakes import JUMP, MINUTE, MONDAY, QUIET, World
from trading.gates import CATALOGUE
from trading.gates.execution_mode import ExecutionMode

ENTERED = MONDAY + 5 * MINUTE


@pytest.fixture(scope="module")
def lab_of_the_file(rows_of_the_file: None) -> World:
    """The jump has closed, and Alice is asked."""
    made = fakes.world()
    strategies.set_execution(made.subscription, ExecutionMode.APPROVE, now=MONDAY, by=made.alice.pk)
    made.play(*QUIET, JUMP, first=MONDAY)
    return made


def path() -> str:
    return f"/approvals/{Approval.objects.get().pk}/"


def test_the_second_decision_is_told_with_its_limits_and_what_bound_it(
    lab: World, alice: Client
) -> None:
    """Her own limit came after the first decision, and made the order smaller."""
    first = Decision.objects.get()
    lab.play("101.5", first=ENTERED)
    set_limits(lab.alice, Mode.PAPER, {"most_notional": Decimal(2_030)}, now=MONDAY)
    alice.post(path(), {"answer": "approve"})
    order, receipt = Order.objects.get(), f"/decisions/{first.pk}/"
    assert order.quantity == 20
    assert first.quantity > 20

    for page in (path(), receipt):
        shown = text(alice.get(page)).split("Approved under which limits")[1]
        assert "Price then 101.50 USD Size 20 BTC" in shown
        assert "cut down by what one order may be worth, set by you" in shown
        assert "Most for one order 2,030.00 USD set by you" in shown
        assert "What was asked again" in shown
    assert "2,030.00" not in text(alice.get(receipt)).split("Approved under which limits")[0]


def test_the_second_decision_is_in_the_api_and_in_the_file(lab: World, alice: Client) -> None:
    (row,) = csv.DictReader(StringIO(alice.get("/decisions.csv").content.decode()))
    assert (row["approval"], row["approval_outcome"]) == ("waiting", "")
    lab.play("101.5", first=ENTERED)
    set_limits(lab.alice, Mode.PAPER, {"most_notional": Decimal(2_030)}, now=MONDAY)
    alice.post(path(), {"answer": "approve"})
    pk = Decision.objects.get().pk

    one = alice.get(f"/api/v1/decisions/{pk}").json()["data"]
    (listed,) = alice.get("/api/v1/decisions").json()["data"]["decisions"]
    query = {"answer": "approved"}
    (approved,) = alice.get("/api/v1/approvals", query).json()["data"]["approvals"]

    assert (one["outcome"], one["sized_down_by"], one["quantity"]) == ("deferred", "", 24.5098)
    for told in (one["again"], listed["again"], approved["again"]):
        assert (told["outcome"], told["code"], told["quantity"]) == ("ordered", "", 20.0)
        assert (told["sized_down_by"], told["price"]) == ("VALUE:user", 101.5)
        assert told["sized_down"] == "what one order may be worth, set by you"
        limits = {limit["name"]: limit for limit in told["limits"]}
        assert limits["most_notional"] == {
            "name": "most_notional", "value": "2030", "source": "user"
        }  # fmt: skip
        assert limits["signal_age"]["value"] == str(30 * 60)  # how long an approval may wait
        assert len(told["verdicts"]) == len(CATALOGUE)
    assert one["again"]["settings"] == one["settings"]
    (row,) = csv.DictReader(StringIO(alice.get("/decisions.csv").content.decode()))
    assert {name: row[name] for name in row if name.startswith("approval")} == {
        "approval": "approved", "approval_outcome": "ordered", "approval_code": "",
        "approval_quantity": "20", "approval_price": "101.5",
        "approval_sized_down_by": "VALUE:user",
    }  # fmt: skip


def test_what_was_refused_on_approving_is_told_on_the_receipt_too(
    lab: World, alice: Client
) -> None:
    lab.play("105", first=ENTERED)
    alice.post(path(), {"answer": "approve"})

    (told,) = alice.get("/api/v1/decisions").json()["data"]["decisions"]

    assert (told["again"]["outcome"], told["again"]["code"]) == ("denied", "PRICE_DRIFTED")
    assert told["again"]["message"] == "the price has run away since the signal"
    shown = text(alice.get(f"/decisions/{told['id']}/"))
    assert "Price drift Refused the price moved by 3 USD since the signal" in shown


def test_staff_read_the_second_decision_beside_the_approval(lab: World, client: Client) -> None:
    client.force_login(fakes.user("olga", is_staff=True, is_superuser=True))
    approval = Approval.objects.select_related("decision__signal__instrument").get()
    page = f"/admin/execution/approval/{approval.pk}/change/"
    assert "Price drift: " not in text(client.get(page))
    lab.play("105", first=ENTERED)

    approve(approval, by=lab.alice)

    assert "Price drift: Refused. the price moved by 3 USD since the signal" in text(
        client.get(page)
    )
