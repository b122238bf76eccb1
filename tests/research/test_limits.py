"""Whose limits a backtest meets, and what it tells of them."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from apps.common.models import Mode
from apps.market.models import Feed, MarketClock
from apps.research.models import BacktestRun
from apps.research.services.limits import LimitsChoice
from apps.research.services.terms import terms_of
from apps.risk.services.limits import set_limits
from tests.fakes import World
from tests.research.asking import PRICES, TERMS, asked, lab_with, payload, taken

pytestmark = pytest.mark.django_db
MINE = LimitsChoice.MINE


@pytest.fixture(scope="module")
def lab_of_the_file(rows_of_the_file: None) -> World:
    return lab_with(PRICES)


def test_mine_are_those_that_would_hold_on_paper_for_this_cash(lab: World) -> None:
    """INCOME: 1,000. Of each the strictest, and who set it."""
    own = {"daily_loss_money": Decimal(7)}
    set_limits(lab.alice, Mode.PAPER, own, now=timezone.now(), symbols=["BTC-USD"])
    kept = asked(lab, limits=MINE).settings

    assert kept["bounds"]["most_share"] == ["0.05", "tier"]
    assert kept["bounds"]["trades_a_day"] == ["10", "plan"]
    assert kept["bounds"]["drawdown"] == ["0.2", "hard"]
    assert kept["bounds"]["daily_loss_money"] == ["7", "user"]
    assert kept["symbols"] == ["BTC-USD"]
    assert asked(lab, limits=LimitsChoice.NONE).settings["bounds"] == {}


def test_they_are_met_and_told(lab: World) -> None:
    alone, limited = taken(asked(lab)), taken(asked(lab, limits=MINE))

    assert payload(alone)["limits"] == {}
    assert payload(alone)["entries"]["cut_down"] == {"FREE_CASH": 2}
    found = payload(limited)
    assert found["limits"]["most_share"] == {"value": "0.05", "source": "tier"}
    assert found["entries"]["cut_down"] == {"SHARE:tier": found["entries"]["ordered"]}
    assert found["trades"][0]["quantity"] == pytest.approx(50 / 103, rel=0.05)
    assert limited.content_hash != alone.content_hash


def test_an_instrument_that_one_leaves_out_is_not_entered(lab: World) -> None:
    set_limits(lab.alice, Mode.PAPER, {}, now=timezone.now(), symbols=[])
    found = payload(taken(asked(lab, limits=MINE)))

    assert found["entries"]["refused"] == {"SYMBOL_NOT_ALLOWED": found["entries"]["signals"]}
    assert found["symbols_allowed"] == []


def test_where_candles_keep_coming_too_few_are_not_known(lab: World) -> None:
    MarketClock.objects.filter(venue=lab.venue).update(feed=Feed.REPLAY)
    found = payload(taken(asked(lab, limits=MINE)))

    assert found["entries"]["refused"] == {"FACT_UNKNOWN": found["entries"]["signals"]}


def test_what_holds_is_settled_when_it_is_asked_for(lab: World) -> None:
    first = asked(lab, limits=MINE)
    set_limits(lab.alice, Mode.PAPER, {"trades_a_day": 0}, now=timezone.now())
    second = asked(lab, limits=MINE)

    assert first != second  # no double click: something else would come of it
    assert payload(taken(first))["entries"]["ordered"] > 0
    assert payload(taken(second))["entries"]["ordered"] == 0
    assert taken(asked(lab, limits=MINE)).is_from_cache


def test_a_run_of_before_there_were_limits_has_none(lab: World) -> None:
    run = asked(lab)
    later = ("bounds", "symbols")
    older = {name: value for name, value in run.settings.items() if name not in later}
    BacktestRun.objects.filter(pk=run.pk).update(settings=older)

    found = taken(run)
    assert payload(found)["limits"] == {}
    assert terms_of(older) == terms_of(run.settings)


def test_an_app_chooses(lab: World, client: Client) -> None:
    client.force_login(lab.alice)
    of_ones_own = {"positions": ["0", "hard"]}
    question = {"strategy": "sma_crossover", "settings": {**TERMS, "bounds": of_ones_own}}
    path = "/api/v1/backtests"

    def settings(**more: str) -> Any:
        answer = client.post(path, {**question, **more}, "application/json")
        return answer.json()["data"]["settings"]

    assert settings()["bounds"]["most_share"] == ["0.05", "tier"]
    assert settings()["bounds"]["positions"] == ["3", "plan"]  # nobody brings their own
    assert settings(limits="none")["bounds"] == {}
    refused = client.post(path, {**question, "limits": "hers"}, "application/json")
    assert refused.json()["error"]["code"] == "VALIDATION_ERROR"
