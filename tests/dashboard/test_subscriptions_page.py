"""What the page of subscriptions says before a strategy speaks is what its decisions say then."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.execution.models import Balance
from apps.risk.models import Decision
from apps.strategies.models import StrategySubscription
from tests import fakes
from tests.dashboard.reading import text
from tests.fakes import JUMP, MONDAY, QUIET, World

PAGE = "/subscriptions/"
LEAST = "In this account an order is worth 2,000.00 USD at least"


@pytest.mark.parametrize(
    ("settings", "said", "code"),
    [
        (
            {"capital": 1_000},
            f"{LEAST}, and of it at most 1,000.00 USD: every entry is denied.",
            "NOTIONAL_BELOW_MINIMUM",
        ),
        (
            {"risk_per_trade": "0.005"},  # 25 USD at a stop 2 % away are 1,250 USD
            f"{LEAST}: with a stop further than 1.25 % from the entry it is denied.",
            "NOTIONAL_BELOW_MINIMUM",
        ),
        ({}, f"{LEAST}: with a stop further than 2.50 % from the entry it is denied.", ""),
        ({"risk_per_trade": "0.4"}, "", ""),
    ],
)
def test_who_orders_less_than_may_be_ordered_reads_it_before(
    lab: World, alice: Client, settings: dict[str, Any], said: str, code: str
) -> None:
    StrategySubscription.objects.update(**settings)

    shown = text(alice.get(PAGE))
    assert (said in shown) if said else ("Least order" not in shown)
    assert shown == text(alice.get(f"{PAGE}{lab.subscription.pk}/"))
    lab.play(*QUIET, JUMP, first=MONDAY)
    assert Decision.objects.get().code == code


def test_an_ended_subscription_and_an_empty_account_are_told_nothing(
    lab: World, client: Client
) -> None:
    bob = fakes.user("bob")
    fakes.subscribe(bob, lab.version, fakes.account(bob, lab.venue), capital=1_000)
    Balance.objects.of(bob).update(cash=0)
    StrategySubscription.objects.filter(user=lab.alice).update(ended_at=MONDAY, capital=1_000)
    for user in (lab.alice, bob):
        client.force_login(user)
        assert "Least order" not in text(client.get(PAGE))


def test_more_subscriptions_take_no_more_queries(lab: World, alice: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            alice.get(PAGE)
        return len(asked)

    alice.get(PAGE)
    before = queries()
    for number in range(3):
        fakes.subscribe(
            lab.alice, lab.version, fakes.account(lab.alice, lab.venue, name=f"More {number}")
        )
    assert queries() == before
