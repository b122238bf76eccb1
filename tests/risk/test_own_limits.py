"""A person's own limits, and which of all limits holds."""

from decimal import Decimal

import pytest
from django.conf import LazySettings
from django.db import IntegrityError, transaction
from pytest_django import DjangoAssertNumQueries

from apps.accounts.models import User
from apps.common.errors import Refused
from apps.common.models import Mode
from apps.risk.limits import NO_LIMITS, OwnLimits, bounds_in_force, own_limits_of
from apps.risk.models import RiskLimits
from apps.risk.services.limits import set_limits
from apps.subscriptions import services as plans
from apps.subscriptions.models import Plan
from apps.subscriptions.selectors import Entitlements, entitlements
from tests.fakes import MONDAY, user
from trading.gates.bounds import Bound, Source
from trading.gates.dead_zones import is_deadlocked, needed
from trading.gates.trigger_settings import DEFAULTS
from trading.tiers import CapitalTier

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice() -> User:
    return user("alice")


def given(alice: User, code: str) -> Entitlements:
    plans.publish()
    plan = Plan.objects.get(code=code, version=1)
    plans.give(alice, plan, now=MONDAY, by="olga", reason="a test")
    return entitlements(alice, MONDAY)


def own(alice: User) -> OwnLimits:
    return own_limits_of([alice.pk], Mode.PAPER)[alice.pk]


def said(bound: Bound | None) -> tuple[str, str]:
    assert bound is not None
    return bound.said, bound.source


def test_who_has_set_none_has_none(alice: User) -> None:
    assert own(alice) is NO_LIMITS
    assert own(alice).allows("BTC-USD")


def test_what_is_set_holds_in_one_mode_only(alice: User) -> None:
    set_limits(alice, Mode.PAPER, {"positions": 2}, now=MONDAY, symbols=["BTC-USD"])
    limits = own(alice)
    assert said(limits.bounds.positions) == ("2", Source.USER.value)
    assert limits.allows("BTC-USD")
    assert not limits.allows("ETH-USD")
    assert own_limits_of([alice.pk], Mode.LIVE)[alice.pk] is NO_LIMITS


def test_setting_again_takes_the_place_of_all_that_was(alice: User) -> None:
    set_limits(alice, Mode.PAPER, {"positions": 2}, now=MONDAY)
    set_limits(alice, Mode.PAPER, {"trades_a_day": 5}, now=MONDAY)
    row = RiskLimits.objects.get()
    assert (row.positions, row.trades_a_day) == (None, 5)


def test_what_the_plan_does_not_reach_is_refused(alice: User) -> None:
    set_limits(alice, Mode.PAPER, {"positions": 3}, now=MONDAY)
    with pytest.raises(Refused, match="Free allows 3") as refused, transaction.atomic():
        set_limits(alice, Mode.PAPER, {"positions": 4}, now=MONDAY)
    assert refused.value.code == "EXCEEDS_TIER_LIMIT"
    assert RiskLimits.objects.get().positions == 3


def test_money_is_compared_with_the_plan_where_it_binds(alice: User) -> None:
    given(alice, "basic")
    set_limits(alice, Mode.PAPER, {"most_notional": Decimal(501)}, now=MONDAY)
    with pytest.raises(Refused), transaction.atomic():
        set_limits(alice, Mode.LIVE, {"most_notional": Decimal(501)}, now=MONDAY)
    set_limits(alice, Mode.LIVE, {"most_notional": Decimal(500)}, now=MONDAY)


@pytest.mark.parametrize(
    "nonsense", [{"daily_loss": Decimal("1.01")}, {"drawdown": 0}, {"most_notional": Decimal(-1)}]
)
def test_the_database_keeps_no_nonsense(alice: User, nonsense: dict[str, Decimal]) -> None:
    with pytest.raises(IntegrityError, match="own_limits_make_sense"), transaction.atomic():
        set_limits(alice, Mode.PAPER, nonsense, now=MONDAY)


def test_the_strictest_holds_and_says_whose_it_is(alice: User) -> None:
    granted = given(alice, "pro")
    set_limits(alice, Mode.PAPER, {"trades_a_day": 7, "daily_loss": Decimal("0.5")}, now=MONDAY)
    bounds = bounds_in_force(granted, CapitalTier.INCOME, own(alice), is_live=False)
    assert said(bounds.trades_a_day) == ("7", Source.USER.value)
    assert said(bounds.daily_loss) == ("0.03", Source.PLATFORM.value)
    assert said(bounds.positions) == ("10", Source.PLAN.value)
    assert said(bounds.account_positions) == ("5", Source.TIER.value)
    assert said(bounds.drawdown) == ("0.2", Source.HARD.value)
    assert said(bounds.weekly_loss) == ("0.1", Source.PLATFORM.value)
    baller = bounds_in_force(granted, CapitalTier.BALLER, is_live=True)
    assert said(baller.positions) == ("10", Source.PLAN.value)


def test_the_operators_triggers_bound_entries_and_never_loosen_a_hard_control(
    alice: User, settings: LazySettings
) -> None:
    granted = given(alice, "pro")
    loose = {"AUTOMATIC_DAILY_LOSS": Decimal(0), "AUTOMATIC_DRAWDOWN": Decimal("0.5")}
    settings.AUTOMATIC = {**settings.AUTOMATIC, **loose}
    bounds = bounds_in_force(granted, CapitalTier.INCOME, is_live=False)
    assert said(bounds.daily_loss) == ("0.12", Source.TIER.value)
    assert said(bounds.drawdown) == ("0.2", Source.HARD.value)
    strict = {"AUTOMATIC_DRAWDOWN": Decimal("0.1"), "AUTOMATIC_API_ERRORS": Decimal(3)}
    settings.AUTOMATIC = {**settings.AUTOMATIC, **strict}
    bounds = bounds_in_force(granted, CapitalTier.INCOME, is_live=False)
    assert said(bounds.drawdown) == ("0.1", Source.PLATFORM.value)
    assert said(bounds.api_errors) == ("3", Source.PLATFORM.value)


def test_every_trigger_has_its_documented_default(settings: LazySettings) -> None:
    assert settings.AUTOMATIC == DEFAULTS


def test_the_setting_bounds_the_trades_of_every_plan_but_enterprise(
    alice: User, settings: LazySettings
) -> None:
    settings.MOST_TRADES_A_DAY = 50
    pro = bounds_in_force(given(alice, "pro"), CapitalTier.BALLER, is_live=True)
    enterprise = bounds_in_force(given(alice, "enterprise"), CapitalTier.BALLER, is_live=True)
    assert said(pro.trades_a_day) == ("50", Source.HARD.value)
    assert said(enterprise.trades_a_day) == ("500", Source.HARD.value)


def test_the_tier_of_the_plan_takes_the_place_of_the_equitys(alice: User) -> None:
    granted = given(alice, "multi_asset_investor")
    bounds = bounds_in_force(granted, granted.tier(Decimal(100_000)), is_live=True)
    assert said(bounds.most_notional) == ("75", Source.TIER.value)
    assert is_deadlocked(bounds, Decimal("285.71"))
    assert not is_deadlocked(bounds, Decimal("285.72"))
    assert needed(bounds) == "285.72 to 3750"


def test_limits_of_many_people_are_one_query(
    alice: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    bob = user("bob")
    for owner, most in ((alice, 1), (bob, 2)):
        set_limits(owner, Mode.PAPER, {"positions": most}, now=MONDAY)
    with django_assert_num_queries(1):
        found = own_limits_of([alice.pk, bob.pk], Mode.PAPER)
    assert [said(found[who.pk].bounds.positions)[0] for who in (alice, bob)] == ["1", "2"]


def test_a_plan_lost_since_leaves_the_stricter_limit_in_force(alice: User) -> None:
    """Nine was less than the plan allowed when it was set; the plan of now allows three."""
    given(alice, "pro")
    set_limits(alice, Mode.PAPER, {"positions": 9}, now=MONDAY)
    free = given(alice, "free")
    bounds = bounds_in_force(free, CapitalTier.BALLER, own(alice), is_live=False)
    assert said(bounds.positions) == ("3", Source.PLAN.value)
