"""What is sold, as pages and programs read it, and what staff does to it."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client
from django.urls import reverse

from apps.accounts.models import User
from apps.subscriptions import services
from apps.subscriptions.catalogue import FEATURES, Feature
from apps.subscriptions.models import Plan, Subscription
from tests.dashboard.reading import text
from tests.fakes import MONDAY, user
from trading.tiers import PRIORITIES

pytestmark = pytest.mark.django_db
PLANS, CURRENT = "/api/v1/subscription/plans", "/api/v1/subscription/current"


@pytest.fixture(autouse=True)
def _catalogue() -> None:
    services.publish()


@pytest.fixture
def alice() -> User:
    return user("alice")


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(user("olga", is_staff=True, is_superuser=True))
    return client


def plan(code: str) -> Plan:
    return Plan.objects.get(code=code, version=1)


def give(to: User, code: str) -> Subscription:
    return services.give(to, plan(code), now=MONDAY, by="olga", reason="a test")


def asked(client: Client, who: User, path: str) -> Any:
    client.force_login(who)
    answer = client.get(path)
    assert answer.status_code == 200, answer.content
    return answer.json()["data"]


def test_everybody_may_read_what_plans_cost(client: Client) -> None:
    shown = text(client.get("/plans/"))
    assert "Free 0 USD 0 USD paper only 10 3 positions. 1 broker. " in shown
    assert "Pro 149 USD 1,430 USD up to 2,000 USD an order 100 10 positions. 5 brokers." in shown
    assert "Any number of brokers." in shown
    assert "Investor 99 USD 1,188 USD yes 100 The limits of the INVESTOR capital tier" in shown
    assert "it takes a capital of 285.72 to 3,750.00 USD." in shown
    assert "USD. Entries are sent with high priority." in shown
    assert shown.count("priority") == len(PRIORITIES) + 2  # STARTER and SAVER: normal
    assert "older list" not in shown


def test_what_a_plan_comes_with_is_said_in_words(client: Client, alice: User) -> None:
    assert set(FEATURES) == set(Feature)
    shown = text(client.get("/plans/"))
    assert "With the mobile app. " in shown
    assert "multi-market intelligence (MMIN)" in shown
    assert "meta ai, mmin" not in shown
    Plan.objects.filter(code="pro").update(currency="EUR")
    assert "149 EUR 1,430 EUR up to 2,000 EUR an order" in text(client.get("/plans/"))


def test_who_is_signed_in_has_the_menu_beside_the_plans(client: Client, alice: User) -> None:
    assert "Sign out" not in text(client.get("/plans/"))
    client.force_login(alice)
    assert "Sign out" in text(client.get("/plans/"))


def test_a_setting_below_the_plan_is_what_is_offered(
    client: Client, alice: User, settings: LazySettings
) -> None:
    settings.MOST_TRADES_A_DAY = 50
    told = {row["tier"]: row for row in asked(client, alice, PLANS)["plans"]}
    trades = {code: told[code]["limits"]["trades_a_day"] for code in ("free", "pro", "enterprise")}
    assert trades == {"free": 10, "pro": 50, "enterprise": 500}
    assert "2,000 USD an order 50 10 positions" in text(client.get("/plans/"))


def test_the_list_of_plans_has_prices_limits_and_features(client: Client, alice: User) -> None:
    told = {row["tier"]: row for row in asked(client, alice, PLANS)["plans"]}
    assert len(told) == 10
    basic = told["basic"]
    assert (basic["price_monthly"], basic["price_yearly"], basic["currency"]) == (49, 470, "USD")
    assert basic["limits"] == {
        "allows_live": True, "most_notional": 500, "positions": 5, "trades_a_day": 30,
        "requests_a_minute": 30, "brokers": 2,
    }  # fmt: skip
    assert basic["features"] == ["mobile_app"]
    assert told["multi_asset_baller"]["capital_tier"] == "baller"
    assert told["multi_asset_baller"]["priority"] == "ULTRA_HIGH"
    assert told["pro"]["priority"] == "NORMAL"


def test_without_a_plan_one_is_told_of_free(client: Client, alice: User) -> None:
    told = asked(client, alice, CURRENT)
    assert (told["tier"], told["subscription_id"], told["status"]) == ("free", None, "active")
    assert told["limits"]["allows_live"] is False


def test_ones_own_plan_is_told_and_nobody_elses(client: Client, alice: User) -> None:
    given = give(alice, "pro")
    told = asked(client, alice, CURRENT)
    assert (told["tier"], told["subscription_id"]) == ("pro", f"sub_{given.pk}")
    assert told["started_at"] == "2026-06-01T00:00:00Z"
    assert asked(client, user("bob"), CURRENT)["tier"] == "free"


def test_who_is_overdue_is_told_so(client: Client, alice: User) -> None:
    given = give(alice, "pro")
    services.mark_past_due(given, now=MONDAY)
    Subscription.objects.update(past_due_since=MONDAY + timedelta(days=10_000))
    told = asked(client, alice, CURRENT)
    assert (told["status"], told["is_overdue"]) == ("past_due", False)
    Subscription.objects.update(past_due_since=MONDAY - timedelta(days=10_000))
    told = asked(client, alice, CURRENT)
    assert (told["tier"], told["is_overdue"]) == ("free", False)


def test_staff_gives_a_plan_and_says_why(staff: Client, alice: User) -> None:
    page = reverse("admin:subscriptions_subscription_add")
    chosen = {"email": "Alice@example.com", "plan": plan("multi_asset_saver").pk}
    assert "REASON_MISSING" in text(staff.post(page, chosen))
    assert not Subscription.objects.exists()
    answer = staff.post(page, {**chosen, "reason": "won a contest"}, follow=True)
    assert "Outside a capital of 100 to 2000 it is a TIER_DEADLOCK." in text(answer)
    given = Subscription.objects.of(alice).get()
    assert (given.given_by, given.reason) == ("olga@example.com", "won a contest")
    nobody = {**chosen, "email": "nobody@example.com", "reason": "a test"}
    assert "USER_UNKNOWN" in text(staff.post(page, nobody))


@pytest.mark.django_db(transaction=True)
def test_staff_is_told_that_somebody_has_the_plan_already(staff: Client, alice: User) -> None:
    give(alice, "pro")
    page = reverse("admin:subscriptions_subscription_add")
    again = {"email": alice.email, "plan": plan("pro").pk, "reason": "again"}
    assert "PLAN_ALREADY_HELD" in text(staff.post(page, again))
    assert Subscription.objects.count() == 1


def test_staff_marks_a_failed_payment_and_ends_a_plan(staff: Client, alice: User) -> None:
    given = give(alice, "pro")
    page = reverse("admin:subscriptions_subscription_changelist")
    for action, status in (("mark_past_due", "past_due"), ("mark_paid", "active"),
                           ("cancel", "canceled")):  # fmt: skip
        staff.post(page, {"action": action, "_selected_action": given.pk, "reason": "a test"})
        given.refresh_from_db()
        assert given.status == status


def test_a_new_price_is_added_as_a_version_and_sold_by_an_act(staff: Client) -> None:
    fields = {
        "code": "pro", "family": "platform", "name": "Pro", "monthly": "159", "yearly": "1500",
        "currency": "USD", "allows_live": "on", "positions": "10", "features": "meta_ai,mmin",
    }  # fmt: skip
    answer = staff.post(reverse("admin:subscriptions_plan_add"), fields)
    assert answer.status_code == 302, text(answer)
    added = Plan.objects.get(code="pro", version=2)
    assert not added.is_sold
    page = reverse("admin:subscriptions_plan_changelist")
    staff.post(page, {"action": "sell", "_selected_action": added.pk, "reason": "dearer"})
    assert list(Plan.objects.filter(code="pro", is_sold=True)) == [added]
    changed = reverse("admin:subscriptions_plan_change", args=[added.pk])
    assert staff.post(changed, {**fields, "monthly": "1"}).status_code == 403
    staff.post(page, {"action": "withdraw", "_selected_action": added.pk, "reason": "a mistake"})
    assert not Plan.objects.filter(code="pro", is_sold=True).exists()
