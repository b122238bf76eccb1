"""Who is given limits under which nothing can be traded is told, with the capital that it takes."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from apps.common.models import Mode
from apps.execution.dead_zones import dead_zones
from apps.risk.services.limits import set_limits
from apps.subscriptions import services as plans
from apps.subscriptions.models import Plan, Subscription
from tests import fakes

pytestmark = pytest.mark.django_db


@pytest.fixture
def lab() -> fakes.World:
    """Alice has 150 USD: that trades as a SAVER, and not as an INVESTOR."""
    plans.publish()
    return fakes.world(deposit="150")


def _investor() -> Plan:
    return Plan.objects.filter(code="multi_asset_investor").latest("version")


def test_a_plan_whose_smallest_order_is_above_its_largest_is_a_dead_zone(lab: fakes.World) -> None:
    assert dead_zones(lab.alice, timezone.now()) == []

    plans.give(lab.alice, _investor(), now=timezone.now(), by="olga", reason="a test")

    (zone,) = dead_zones(lab.alice, timezone.now())
    assert (zone.account, zone.mode) == (lab.account.name, Mode.PAPER)
    assert zone.why.endswith("a capital of 150.00 USD, it takes 285.72 USD to 3,750.00 USD")


def test_so_are_limits_of_ones_own(lab: fakes.World) -> None:
    set_limits(lab.alice, Mode.PAPER, {"most_notional": Decimal(1)}, now=timezone.now())
    assert len(dead_zones(lab.alice, timezone.now())) == 1
    assert dead_zones(fakes.user("bob"), timezone.now()) == []


def test_staff_who_give_a_plan_are_told_in_which_account_nothing_can_be_traded(
    lab: fakes.World, client: Client
) -> None:
    client.force_login(fakes.user("root", is_staff=True, is_superuser=True))
    said = {"email": lab.alice.email, "plan": _investor().pk, "reason": "a test"}
    page = client.post("/admin/subscriptions/subscription/add/", said, follow=True)

    assert Subscription.objects.of(lab.alice).get().plan == _investor(), "it is a warning"
    told = page.content.decode()
    assert f"TIER_DEADLOCK in {lab.account.name} (paper): " in told
    assert "it takes 285.72 USD to 3,750.00 USD." in told
