"""The orders of a minute are counted for the people of live accounts, and bound their entries."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from apps.brokers.models import BrokerAccount
from apps.execution.models import Order
from apps.risk.models import AccountRisk, Decision
from apps.strategies.models import StrategySubscription
from apps.subscriptions.models import Plan
from apps.subscriptions.services import publish
from tests import fakes
from tests.fakes import JUMP, MONDAY, QUIET, World
from trading.gates import message_rate
from trading.gates.values import Status

pytestmark = pytest.mark.django_db
MODELS = (BrokerAccount, StrategySubscription, AccountRisk)


@pytest.fixture
def lab() -> World:
    """Alice's account is live, and one entry was ordered for her."""
    made = fakes.world()
    made.play(*QUIET, JUMP, "102.5", "90", first=MONDAY)
    Order.objects.get(leg="entry")
    for model in MODELS:
        model.objects.update(mode="live")
    return made


def ordered(seconds_ago: float | None, **columns: Any) -> None:
    sent = None if seconds_ago is None else timezone.now() - timedelta(seconds=seconds_ago)
    Order.objects.filter(leg="entry").update(submitted_at=sent, **{"mode": "live", **columns})


def seen(lab: World) -> list[Any]:
    """What the gate says of the next entry."""
    last = Order.objects.latest("id").active_from
    lab.play(*QUIET, JUMP, first=last + timedelta(minutes=10))
    decision = Decision.objects.filter(action="enter_long").latest("id")
    return next(list(row) for row in decision.verdicts if row[0] == message_rate.NUMBER)


@pytest.mark.parametrize(
    ("seconds_ago", "columns", "count"),
    [
        (30, {}, "1"),
        (61, {}, "0"),
        (None, {"status": "pending", "filled_quantity": 0}, "1"),
        (None, {"status": "canceled", "filled_quantity": 0}, "0"),
        (30, {"mode": "paper"}, "0"),
    ],
)
def test_what_was_sent_to_live_venues_within_a_minute_is_counted(
    lab: World, seconds_ago: float | None, columns: dict[str, Any], count: str
) -> None:
    ordered(seconds_ago, **columns)

    assert seen(lab)[3] == count


def test_what_somebody_else_has_sent_is_theirs(lab: World) -> None:
    ordered(1, user=fakes.user("bob"))

    assert seen(lab)[3] == "0"


def test_at_the_rate_of_the_plan_less_what_is_kept_for_cancelling_nothing_is_entered(
    lab: World,
) -> None:
    publish()
    Plan.objects.filter(code="free").update(requests_a_minute=1)
    ordered(1)

    verdict = seen(lab)

    assert (Status(verdict[1]), verdict[2], verdict[3]) == (
        Status.REFUSED, "RATE_LIMIT_EXCEEDED", "1",
    )  # fmt: skip


def test_on_paper_it_is_not_asked(lab: World) -> None:
    ordered(1)
    for model in MODELS:
        model.objects.update(mode="paper")

    assert Status(seen(lab)[1]) is Status.NOT_APPLICABLE
