"""At the close of an hour, what kind of market it is; and how each account would share its
capital."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext

from apps.execution.feeding import CHART_TIMEFRAMES
from apps.execution.live_feeding import FIRST_HISTORY
from apps.execution.services.regimes import record_allocations
from apps.market.models import AllocationSnapshot, Candle, RegimeSnapshot
from apps.subscriptions.models import Plan
from apps.subscriptions.services import give, publish
from tests.fakes import (
    DEPOSIT,
    HOUR,
    JUMP,
    MINUTE,
    MONDAY,
    QUIET,
    World,
    account,
    close,
    hours,
    regime_snapshot,
    user,
    venue,
    world,
    write,
)
from trading.allocation import Shares
from trading.regime import LEAST_CANDLES, TIMEFRAME, Regime

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def lab_of_the_file(rows_of_the_file: None) -> World:
    return world()


def _play(lab: World, until: datetime) -> int:
    """One minute that closes then; the number of questions that it took."""
    write(lab.instrument, ["100"], until - MINUTE)
    with CaptureQueriesContext(connection) as captured:
        close(lab.venue, until)
    return len(captured)


def test_an_hour_that_closes_is_read_once_and_a_minute_is_not(lab: World) -> None:
    hours(lab.instrument, [100.0 + number % 7 for number in range(600)], MONDAY + HOUR)

    _play(lab, MONDAY + HOUR - MINUTE)
    assert not RegimeSnapshot.objects.exists()
    _play(lab, MONDAY + HOUR)
    close(lab.venue, MONDAY + HOUR)

    kept = RegimeSnapshot.objects.get()
    assert (kept.venue, kept.close_time, kept.timeframe) == (lab.venue, MONDAY + HOUR, "1h")
    assert AllocationSnapshot.objects.get().regime_snapshot == kept


def test_a_close_where_no_hour_ends_asks_nothing_more(lab: World) -> None:
    _play(lab, MONDAY + timedelta(minutes=57))  # the first close asks more
    minute = _play(lab, MONDAY + timedelta(minutes=58))
    assert _play(lab, MONDAY + timedelta(minutes=59)) == minute
    without_hours = _play(lab, MONDAY + HOUR)
    of_regimes = 5  # the references, the row before, hours, clock, minutes
    of_black_swans = 6  # what is stopped, versions, theirs, what is held, hours, minutes
    assert without_hours - minute == of_regimes + of_black_swans
    assert not RegimeSnapshot.objects.exists()


def test_an_hour_that_nobody_has_made_yet_is_made_of_its_minutes(lab: World) -> None:
    write(lab.instrument, ["100"] * 60, MONDAY)
    close(lab.venue, MONDAY + HOUR)
    assert RegimeSnapshot.objects.get().candles == 1


def test_the_feeds_bring_the_hours_that_it_takes() -> None:
    assert TIMEFRAME in CHART_TIMEFRAMES
    assert FIRST_HISTORY >= LEAST_CANDLES


def test_an_account_is_told_its_shares_with_the_reason(lab: World) -> None:
    assert record_allocations(regime_snapshot(lab.instrument)) == 1

    kept = AllocationSnapshot.objects.of(lab.alice).get()
    assert kept.account == lab.account
    assert (kept.tier, kept.tolerance, kept.mode) == ("baller", "moderate", "paper")
    assert kept.capital == DEPOSIT
    assert kept.shares == Shares(crypto=Decimal(80), equity=Decimal(20))
    assert kept.reason == "In a trending-up market: 80 % crypto and 20 % equities."


def test_a_tier_follows_from_equity(lab: World) -> None:
    small = account(user("sam"), lab.venue, deposit="120")
    record_allocations(regime_snapshot(lab.instrument, regime=Regime.RISK_OFF))
    kept = AllocationSnapshot.objects.get(account=small)
    assert kept.tier == "saver"
    assert kept.shares == Shares(crypto=Decimal(20), cash=Decimal(80))
    assert kept.reason.endswith("Tier SAVER holds crypto only: 20 % crypto and 80 % cash.")


def test_a_plan_that_carries_a_tier_decides_by_it_as_its_limits_do(lab: World) -> None:
    """An account of 100,000 would be a BALLER's, whom the same market tells something else."""
    publish()
    plan = Plan.objects.get(code="multi_asset_investor", version=1)
    give(lab.alice, plan, now=MONDAY, by="olga", reason="a test")

    record_allocations(regime_snapshot(lab.instrument))

    assert AllocationSnapshot.objects.get().tier == "investor"


def test_what_is_held_counts_at_its_last_price(lab: World) -> None:
    lab.play(*QUIET, JUMP, "103", "104", first=MONDAY)  # 24.5098 bought at 103, now 104
    record_allocations(regime_snapshot(lab.instrument))
    fee = Decimal("24.5098") * 103 * Decimal("0.001")
    capital = AllocationSnapshot.objects.get().capital
    assert abs(capital - (DEPOSIT - fee + Decimal("24.5098"))) < Decimal("0.0000001")


def test_an_account_with_something_unpriced_is_told_nothing(lab: World) -> None:
    lab.play(*QUIET, JUMP, "103", first=MONDAY)
    Candle.objects.all().delete()
    assert record_allocations(regime_snapshot(lab.instrument)) == 0


def test_nothing_is_written_until_something_changes(lab: World) -> None:
    first = regime_snapshot(lab.instrument)
    assert record_allocations(first) == 1
    assert record_allocations(first) == 0
    assert record_allocations(regime_snapshot(lab.instrument, close_time=MONDAY + 2 * HOUR)) == 0
    turned = regime_snapshot(
        lab.instrument, close_time=MONDAY + 3 * HOUR, regime=Regime.HIGH_VOLATILITY, volatility=71.0
    )
    assert record_allocations(turned) == 1
    assert AllocationSnapshot.objects.latest("id").crypto == 90


def test_accounts_of_other_venues_are_left_alone(lab: World) -> None:
    elsewhere = account(user("eve"), venue("other"))
    record_allocations(regime_snapshot(lab.instrument))
    assert not AllocationSnapshot.objects.filter(account=elsewhere).exists()


def test_the_questions_do_not_grow_with_the_accounts(lab: World) -> None:
    with CaptureQueriesContext(connection) as of_one:
        record_allocations(regime_snapshot(lab.instrument))
    for name in ("ann", "ben", "cid", "dan"):
        account(user(name), lab.venue)
    with CaptureQueriesContext(connection) as of_many:
        record_allocations(regime_snapshot(lab.instrument, close_time=MONDAY + 2 * HOUR))
    assert len(of_many) == len(of_one)


def test_the_database_refuses_shares_that_are_not_whole(lab: World) -> None:
    record_allocations(regime_snapshot(lab.instrument))
    with pytest.raises(IntegrityError, match="allocation_is_whole"):
        AllocationSnapshot.objects.update(cash=Decimal("0.01"))
