"""Every list of the admin: what it asks the database, what can be searched, what may be written."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from unittest.mock import patch

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import connection, models
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django_celery_beat.models import (
    ClockedSchedule,
    CrontabSchedule,
    IntervalSchedule,
    PeriodicTask,
    SolarSchedule,
)

from apps.accounts.documents import LIVE_TRADING
from apps.accounts.models import TokenSession, User
from apps.accounts.services.consents import give_consent
from apps.brokers.services import record_verification
from apps.common.admin import ReadOnlyAdmin
from apps.common.models import Mode
from apps.execution.models import Approval, Exit, Funding, NakedSpell, Position, PriceWatch
from apps.execution.services.regimes import record_allocations
from apps.market.models import (
    CandleGap,
    CandleOutlier,
    CandleQuality,
    CandleRevision,
    FundingRate,
    Instrument,
    VenueFeed,
)
from apps.research.services import hashing, running, runs
from apps.research.services.requests import Request
from apps.risk import services as risk
from apps.risk.models import CoolDown, Decision, LimitSet
from apps.risk.services.limits import set_limits
from apps.strategies.models import Strategy
from apps.strategies.services.certificates import certify
from apps.subscriptions import services as plans
from apps.subscriptions.models import Plan
from tests.fakes import (
    JUMP,
    MONDAY,
    QUIET,
    Prices,
    account,
    close,
    instrument,
    regime_snapshot,
    subscribe,
    user,
    venue,
    version,
    write,
)

pytestmark = pytest.mark.django_db

ASKED_BY_PEOPLE_ONLY = {"SolarSchedule", "ClockedSchedule", "IntervalSchedule", "CrontabSchedule"}
MANY = 4


@pytest.fixture
def olga() -> User:
    return user("olga", is_staff=True, is_superuser=True)


@pytest.fixture
def signed_in(client: Client, olga: User) -> Client:
    client.force_login(olga)
    return client


def test_no_list_asks_more_of_the_database_for_many_rows_than_for_one(
    signed_in: Client, olga: User
) -> None:
    _add_one_of_everything(0, olga)
    signed_in.get(reverse("admin:index"))  # fills what is cached once per process
    of_one = {model: _queries(signed_in, model) for model in admin.site._registry}
    for number in range(1, MANY + 1):
        _add_one_of_everything(number, olga)
    of_many = {model: _queries(signed_in, model) for model in admin.site._registry}

    short = [model.__name__ for model in of_many if model._default_manager.count() <= MANY]
    assert short == []
    assert of_many == of_one


def test_every_row_we_keep_has_a_list() -> None:
    ours = {
        model
        for config in apps.get_app_configs()
        if config.name.startswith("apps.")
        for model in config.get_models()
    }
    # A candle has no id of its own, which the admin needs; instruments show their last one.
    assert {model.__name__ for model in ours - set(admin.site._registry)} == {
        "Candle", "LateCandle",
    }  # fmt: skip


def _queries(client: Client, model: type[models.Model]) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(_list_of(model)).status_code == 200, model
    return len(captured)


@pytest.mark.parametrize(
    "model",
    [model for model in admin.site._registry if model.__name__ not in ASKED_BY_PEOPLE_ONLY],
    ids=lambda model: model.__name__,
)
def test_every_list_can_be_searched_and_filtered(
    signed_in: Client, model: type[models.Model]
) -> None:
    shown = admin.site.get_model_admin(model)
    assert len(shown.list_display) > 1
    assert shown.search_fields
    assert signed_in.get(_list_of(model), {"q": "a.b@example.com 7"}).status_code == 200
    for query in ("yes", "no"):
        for name in ("decided_at", "ended_at", "released_at", "reset_at", "sequence"):
            assert signed_in.get(_list_of(model), {name: query}).status_code in {200, 302}


@pytest.mark.parametrize(
    "app", ["brokers", "events", "execution", "research", "risk", "strategies"]
)
def test_money_orders_ledger_and_events_are_only_shown(app: str) -> None:
    shown = {
        model: options
        for model, options in admin.site._registry.items()
        if model._meta.app_label == app
    }
    assert shown
    assert [model for model, o in shown.items() if not isinstance(o, ReadOnlyAdmin)] == []


def _list_of(model: type[models.Model]) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


def _add_one_of_everything(number: int, staff: User) -> None:
    """A venue of its own with a round trip, and a row of everything else that has a list."""
    at = venue(f"lab{number}")
    traded = instrument(at)
    owner = user(f"trader{number}")
    followed = version([traded], number=f"1.0.{number}")
    subscription = subscribe(owner, followed, account(owner, at))
    moment = MONDAY
    prices: list[Prices] = [*QUIET, JUMP, "102.5", ("101", "101", "98", "98")]
    for price in prices:
        moment = write(traded, [price], moment)
        close(at, moment)
    position = Position.objects.get(subscription=subscription)
    Approval.objects.create(
        user=owner, decision=Decision.objects.filter(subscription=subscription)[0], mode="paper",
        asked_at=MONDAY, expires_at=moment, answer="waiting",
    )  # fmt: skip
    rate = FundingRate.objects.create(instrument=traded, time=MONDAY, rate=Decimal("0.0001"))
    Funding.objects.create(
        user=owner, account_id=position.account_id, position=position, rate=rate, mode="paper",
        quantity=1, price=100, amount=1, charged_at=MONDAY,
    )  # fmt: skip
    Exit.objects.create(
        user=owner, position=position, cause="liquidation", sequence=9, decided_at=MONDAY
    )
    PriceWatch.objects.create(venue=at, looked_at=MONDAY, through=MONDAY)
    NakedSpell.objects.create(
        user=owner, position=position, sequence=1, began_at=MONDAY, ended_at=MONDAY
    )
    Strategy.objects.create(code=f"own-{number}", name=f"Own {number}")
    risk.trip(by="olga", reason="a test", now=MONDAY, user=owner)
    risk.record_venue_error(position.account, code="unavailable", at=MONDAY)
    LogEntry.objects.create(
        user=staff, content_type=ContentType.objects.get_for_model(User), object_id=str(owner.pk),
        object_repr=str(owner), action_flag=CHANGE, change_message="a test",
    )  # fmt: skip
    _add_schedules(number)
    _add_what_is_known_of_candles(traded)
    record_allocations(regime_snapshot(traded))
    with patch.object(hashing, "engine_version", return_value=f"engine {number}"):
        backtest = runs.start(owner, Request(followed, {}), now=moment)
        running.run(backtest.pk, clock=lambda: moment)
    TokenSession.objects.create(user=owner, refreshed_at=MONDAY, expires_at=MONDAY)
    give_consent(owner, LIVE_TRADING, LIVE_TRADING.version, now=MONDAY)
    record_verification(subscription.account, can_trade=True, can_withdraw=False, now=MONDAY)
    certify(followed, valid_from=MONDAY, valid_until=moment)
    plan = Plan.objects.create(
        code=f"plan-{number}", family="platform", name="Own", monthly=1, allows_live=True
    )
    plans.give(owner, plan, now=MONDAY, by="olga", reason="a test")
    set_limits(owner, Mode.PAPER, {"positions": 2}, now=MONDAY)
    CoolDown.objects.create(
        user=owner, account_id=position.account_id, instrument=traded, mode="paper", until=moment
    )
    kept: Any = {"positions": [str(number), "user"]}
    LimitSet.objects.create(digest=f"own {number}", limits=kept)


def _add_what_is_known_of_candles(of: Instrument) -> None:
    VenueFeed.objects.create(venue=of.venue, kind="ccxt", source="kraken", symbols=[of.symbol])
    common = {"instrument": of, "timeframe": "1m"}
    CandleGap.objects.create(**common, first_open=MONDAY, until=MONDAY, candles=1, found_at=MONDAY)
    CandleOutlier.objects.create(**common, open_time=MONDAY, score=9, move=0.1)
    CandleQuality.objects.create(
        **common, since=MONDAY, until=MONDAY, stored=1, missing=0, revised=0, outliers=0, figure=100
    )
    CandleRevision.objects.create(
        **common, open_time=MONDAY, open=1, high=1, low=1, close=1, volume=1
    )


def _add_schedules(number: int) -> None:
    every = IntervalSchedule.objects.create(every=number + 1, period=IntervalSchedule.MINUTES)
    CrontabSchedule.objects.create(minute=str(number))
    SolarSchedule.objects.create(event="sunset", latitude=number, longitude=0)
    ClockedSchedule.objects.create(
        clocked_time=datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=number)
    )
    PeriodicTask.objects.create(
        name=f"task {number}", task="apps.events.tasks.relay", interval=every
    )
