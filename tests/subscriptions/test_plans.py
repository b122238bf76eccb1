"""Who may do what: the catalogue's rows, and what a person's plan grants at a moment."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from importlib import import_module

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction
from pytest_django import DjangoAssertNumQueries

from apps.accounts.models import User
from apps.common.errors import Refused
from apps.subscriptions import services
from apps.subscriptions.catalogue import CATALOGUE
from apps.subscriptions.models import Plan, Subscription
from apps.subscriptions.selectors import entitlements, entitlements_of, sold_plans
from tests.fakes import MONDAY, user
from trading.gates.bounds import Source
from trading.plans import PLAN_LIMITS, PlatformPlan
from trading.tiers import CapitalTier

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _catalogue() -> None:
    services.publish()


@pytest.fixture
def alice() -> User:
    return user("alice")


def plan(code: str) -> Plan:
    return Plan.objects.get(code=code, version=1)


def give(to: User, code: str) -> Subscription:
    return services.give(to, plan(code), now=MONDAY, by="olga", reason="a test")


def test_publishing_twice_adds_nothing() -> None:
    services.publish()
    assert Plan.objects.count() == len(CATALOGUE)


def test_a_migrated_database_sells_what_the_catalogue_lists() -> None:
    published = list(Plan.objects.order_by("code").values(*CATALOGUE[0].columns))
    Plan.objects.all().delete()

    import_module("apps.subscriptions.migrations.0002_catalogue").add_plans(apps, None)

    migrated = Plan.objects.order_by("code").values(*CATALOGUE[0].columns)
    assert published == list(migrated)


@pytest.mark.parametrize("code", list(PlatformPlan))
def test_rows_and_gates_know_the_same_limits(code: PlatformPlan) -> None:
    assert plan(code.value).limits == PLAN_LIMITS[code]


@pytest.mark.parametrize(
    ("code", "monthly", "yearly"),
    [("free", 0, 0), ("basic", 49, 470), ("pro", 149, 1430), ("enterprise", 499, 4790),
     ("multi_asset_starter", 19, 228), ("multi_asset_saver", 49, 588),
     ("multi_asset_investor", 99, 1188), ("multi_asset_income", 249, 2988),
     ("multi_asset_livable", 499, 5988), ("multi_asset_baller", 999, 11988)],
)  # fmt: skip
def test_prices_as_published(code: str, monthly: int, yearly: int) -> None:
    found = plan(code)
    assert (found.monthly, found.yearly, found.is_sold) == (monthly, yearly, True)


def test_the_older_list_is_kept_and_not_sold() -> None:
    archived = Plan.objects.filter(family="archived").order_by("monthly")
    assert [row.monthly for row in archived] == [29, 99, 299]
    assert not any(row.is_sold for row in archived)
    with pytest.raises(Refused, match="not sold again"), transaction.atomic():
        services.sell(archived[0])
    assert {row.family for row in sold_plans()} == {"platform", "multi_asset"}


def test_without_a_plan_it_is_free_and_paper_only(alice: User) -> None:
    granted = entitlements(alice, MONDAY)
    assert (granted.plan, granted.allows_live, granted.is_overdue) == ("free", False, False)
    bounds = granted.bounds(is_live=False)
    assert bounds.positions is not None
    assert bounds.positions.value == 3
    assert bounds.positions.source == Source.PLAN.value


def test_free_is_granted_where_nobody_has_published_the_catalogue(alice: User) -> None:
    before = entitlements(alice, MONDAY)
    Plan.objects.all().delete()
    assert entitlements(alice, MONDAY) == before


def test_a_plan_grants_its_limits_and_features(alice: User) -> None:
    give(alice, "pro")
    granted = entitlements(alice, MONDAY)
    assert granted.allows_live
    assert granted.platform_plan is PlatformPlan.PRO
    assert "meta_ai" in granted.features
    assert "gmig" not in granted.features
    live, paper = granted.bounds(is_live=True), granted.bounds(is_live=False)
    assert live.most_notional is not None
    assert live.most_notional.value == Decimal(2_000)
    assert paper.most_notional is None  # limits of money bind live orders only


def test_a_plan_of_many_assets_carries_its_tier_and_sets_no_limit_of_its_own(alice: User) -> None:
    give(alice, "multi_asset_investor")
    granted = entitlements(alice, MONDAY)
    assert granted.capital_tier is CapitalTier.INVESTOR
    assert granted.platform_plan is None
    assert granted.bounds(is_live=True).positions is None


@pytest.mark.parametrize(
    ("after", "code", "is_overdue"),
    [
        (timedelta(0), "pro", False),
        (3 * DAY - timedelta(microseconds=1), "pro", False),
        (3 * DAY, "pro", True),
        (7 * DAY - timedelta(microseconds=1), "pro", True),
        (7 * DAY, "free", False),
    ],
)
def test_the_days_of_grace(alice: User, after: timedelta, code: str, is_overdue: bool) -> None:
    services.mark_past_due(give(alice, "pro"), now=MONDAY)
    granted = entitlements(alice, MONDAY + after)
    assert (granted.plan, granted.is_overdue) == (code, is_overdue)


def test_who_pays_in_the_days_of_grace_has_the_plan_again(alice: User) -> None:
    given = give(alice, "pro")
    services.mark_past_due(given, now=MONDAY)
    services.mark_paid(given)
    assert not entitlements(alice, MONDAY + 5 * DAY).is_overdue
    with pytest.raises(Refused, match="past due"), transaction.atomic():
        services.mark_paid(given)


def test_another_plan_takes_the_place_of_the_first(alice: User) -> None:
    first = give(alice, "pro")
    give(alice, "basic")
    assert entitlements(alice, MONDAY).plan == "basic"
    first.refresh_from_db()
    assert (first.status, first.ended_at) == ("canceled", MONDAY)
    with pytest.raises(Refused, match="already"), transaction.atomic():
        give(alice, "basic")


def test_ending_a_plan_leaves_free(alice: User) -> None:
    given = give(alice, "pro")
    services.cancel(given, now=MONDAY)
    assert entitlements(alice, MONDAY).plan == "free"
    with pytest.raises(Refused, match="ended already"), transaction.atomic():
        services.cancel(given, now=MONDAY)


def test_the_database_lets_nobody_have_two_plans(alice: User) -> None:
    give(alice, "pro")
    with pytest.raises(IntegrityError, match="one_plan_at_a_time"), transaction.atomic():
        Subscription.objects.create(
            user=alice, plan=plan("basic"), started_at=MONDAY, given_by="x", reason="x"
        )


def test_a_new_price_is_a_new_version_and_the_old_one_stays_with_who_has_it(alice: User) -> None:
    give(alice, "pro")
    dearer = plan("pro")
    dearer.pk, dearer.positions = None, 12
    services.add_version(dearer)
    assert (dearer.version, dearer.is_sold) == (2, False)
    services.sell(dearer)
    assert [row.version for row in sold_plans() if row.code == "pro"] == [2]
    assert entitlements(alice, MONDAY).limits.positions == 10
    services.withdraw(dearer)
    assert [row for row in sold_plans() if row.code == "pro"] == []


def test_free_is_what_is_sold_as_free_now(alice: User) -> None:
    fewer = plan("free")
    fewer.pk, fewer.positions = None, 2
    services.add_version(fewer)
    services.sell(fewer)
    assert entitlements(alice, MONDAY).limits.positions == 2


def test_many_people_are_asked_about_in_one_query(
    alice: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    others = [user(f"other{number}") for number in range(4)]
    give(alice, "pro")
    give(others[0], "multi_asset_saver")
    services.mark_past_due(give(others[1], "basic"), now=MONDAY - 4 * DAY)
    give(others[3], "enterprise")
    asked = [alice.pk, *(other.pk for other in others[:3])]
    with django_assert_num_queries(1):
        granted = entitlements_of(asked, MONDAY)
    assert [granted[pk].plan for pk in asked] == ["pro", "multi_asset_saver", "basic", "free"]
    assert [granted[pk].is_overdue for pk in asked] == [False, False, True, False]


@pytest.mark.django_db(transaction=True)
def test_of_two_plans_given_at_once_one_holds_and_both_are_kept(alice: User) -> None:
    def given(code: str) -> None:
        try:
            give(alice, code)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(given, ["pro", "basic"]))
    assert Subscription.objects.of(alice).count() == 2
    assert Subscription.objects.of(alice).filter(ended_at=None).count() == 1
