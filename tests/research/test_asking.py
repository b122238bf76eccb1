"""What is asked for is checked at once, and asked twice it is one run."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client, override_settings
from django.utils import timezone

from apps.common.errors import Refused
from apps.market.models import MarketClock
from apps.research.models import BacktestRun
from apps.research.services import runs
from tests import fakes
from tests.fakes import MINUTE, MONDAY, World
from tests.research.asking import PRICES, TERMS, again, asked, lab_with, payload, taken

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def lab_of_the_file(rows_of_the_file: None) -> World:
    return lab_with(PRICES)


def test_a_double_click_is_one_run(lab: World) -> None:
    first = asked(lab)
    MarketClock.objects.update(now=MONDAY + timedelta(hours=1))  # the demo's runs on meanwhile

    assert asked(lab) == first
    assert asked(lab, cash=2000) != first
    taken(first)
    assert asked(lab) != first  # but from the cache


def test_one_key_is_one_run_even_when_it_is_done(lab: World) -> None:
    first = taken(asked(lab, key="mine"))

    assert asked(lab, key="mine") == first
    with pytest.raises(Refused, match="Something else") as refused, transaction.atomic():
        asked(lab, key="mine", cash=2000)
    assert refused.value.code == "KEY_USED"
    assert asked(lab, by=fakes.user("bob"), key="mine") != first


def test_the_database_holds_a_person_to_one_of_a_kind(lab: World) -> None:
    run = asked(lab)
    run.pk = None
    with pytest.raises(IntegrityError, match="backtest_once_at_a_time"), transaction.atomic():
        run.save()


@override_settings(BACKTEST_UNFINISHED=2)
def test_nobody_fills_the_queue(lab: World) -> None:
    first, _ = asked(lab), asked(lab, cash=2000)
    with pytest.raises(Refused) as refused, transaction.atomic():
        asked(lab, cash=3000)
    assert refused.value.code == "TOO_MANY_BACKTESTS"
    asked(lab, by=fakes.user("bob"), cash=3000)

    runs.cancel(first, now=timezone.now())
    assert asked(lab, cash=3000).state == "queued"


def _elsewhere(lab: World) -> dict[str, Any]:
    return {"instruments": [lab.instrument, fakes.instrument(fakes.venue("mars"), "ETH-USD")]}


def _in_euros(lab: World) -> dict[str, Any]:
    return {"instruments": [fakes.instrument(lab.venue, "BTC-EUR")], "currency": "USD"}


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"cash": 0}, "NUMBER_NOT_USABLE"),
        ({"cash": "a lot"}, "NUMBER_NOT_USABLE"),
        ({"cash": True}, "NUMBER_NOT_USABLE"),
        ({"cash": float("nan")}, "NUMBER_NOT_USABLE"),
        ({"fee": -0.1}, "NUMBER_NOT_USABLE"),
        ({"fee": 2}, "NUMBER_NOT_USABLE"),
        ({"slippage_bps": 1.5}, "NUMBER_NOT_USABLE"),
        ({"risk": 1.1}, "NUMBER_NOT_USABLE"),
        ({"participation": 0}, "NUMBER_NOT_USABLE"),
        ({"sizing": "bold"}, "SIZING_NOT_USABLE"),
        ({"long_only": "yes"}, "SETTING_NOT_USABLE"),
        ({"currency": 7}, "SETTING_NOT_USABLE"),
        ({"currency": "EUR"}, "CURRENCY_MISMATCH"),
        ({"leverage": 3}, "UNKNOWN_SETTING"),
        ({"parameters": {"fast": 9, "slow": 3}}, "PARAMETERS_NOT_USABLE"),
        ({"parameters": {"speed": 3}}, "PARAMETERS_NOT_USABLE"),
        ({"parameters": [3]}, "PARAMETERS_NOT_USABLE"),
        ({"timeframe": "7m"}, "UNKNOWN_TIMEFRAME"),
        ({"timeframe": "1h"}, "NO_CANDLES"),
        ({"began_at": MONDAY + timedelta(days=9)}, "PERIOD_NOT_USABLE"),
        ({"began_at": MONDAY + MINUTE, "until": MONDAY}, "PERIOD_NOT_USABLE"),
        ({"until": MONDAY}, "NO_CANDLES"),
        ({"key": "k" * 65}, "KEY_NOT_USABLE"),
        (_elsewhere, "ONE_VENUE"),
        (_in_euros, "CURRENCY_MISMATCH"),
    ],
    ids=lambda value: getattr(value, "__name__", str(value)),
)
def test_what_cannot_be_computed_is_refused_at_once(
    lab: World, wrong: dict[str, Any] | Callable[[World], dict[str, Any]], code: str
) -> None:
    with pytest.raises(Refused) as refused:
        asked(lab, **(wrong(lab) if callable(wrong) else wrong))
    assert refused.value.code == code
    assert not BacktestRun.objects.exists()


@override_settings(BACKTEST_CANDLES=len(PRICES) - 1)
def test_more_candles_than_fit_are_refused(lab: World) -> None:
    with pytest.raises(Refused, match="choose a shorter period") as refused:
        asked(lab)
    assert refused.value.code == "TOO_MANY_CANDLES"
    assert asked(lab, began_at=MONDAY + MINUTE).state == "queued"


def test_an_app_asks_follows_and_reads(lab: World, client: Client) -> None:
    client.force_login(lab.alice)
    question = {
        "strategy": "sma_crossover", "version": "1.0.0", "venue": "lab", "symbols": ["BTC-USD"],
        "settings": TERMS,
    }  # fmt: skip
    headers = {"Idempotency-Key": "tap"}
    started = client.post("/api/v1/backtests", question, "application/json", headers=headers)
    told = started.json()["data"]
    assert (told["state"], told["settings"]["cash"], told["metrics"]) == ("queued", 1000, None)
    path = f"/api/v1/backtests/{told['id']}"
    assert client.get(f"{path}/result").json()["error"]["code"] == "NOT_DONE"

    run = taken(BacktestRun.objects.get(pk=told["id"]))

    shown = client.get(path).json()["data"]
    assert shown["state"] == "done"
    assert shown["metrics"] == payload(run)["metrics"]
    result = client.get(f"{path}/result").json()["data"]["result"]
    assert result["trades"] == payload(run)["trades"]
    (listed,) = client.get("/api/v1/backtests", {"state": "done"}).json()["data"]["backtests"]
    assert listed == shown
    once_more = client.post("/api/v1/backtests", question, "application/json", headers=headers)
    assert once_more.json()["data"] == shown


def test_an_app_cancels(lab: World, client: Client) -> None:
    run = asked(lab)
    path = f"/api/v1/backtests/{run.pk}/cancel"
    client.force_login(fakes.user("bob"))
    assert client.post(path).status_code == 404
    assert again(run).state == "queued"

    client.force_login(lab.alice)
    assert client.post(path).json()["data"]["state"] == "canceled"
    assert client.post(path).json()["data"]["state"] == "canceled"


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"version": "9"}, "UNKNOWN_VERSION"),
        ({"strategy": "luck"}, "UNKNOWN_VERSION"),
        ({"venue": "lab", "symbols": ["ABC-USD"]}, "UNKNOWN_INSTRUMENT"),
        ({"symbols": ["BTC-USD"]}, "VALIDATION_ERROR"),
        ({"settings": {"cash": -1}}, "NUMBER_NOT_USABLE"),
        ({"settings": {"sizing": "bold"}}, "VALIDATION_ERROR"),
    ],
    ids=str,
)
def test_an_app_is_told_what_is_wrong(
    lab: World, client: Client, wrong: dict[str, Any], code: str
) -> None:
    client.force_login(lab.alice)
    question = {"strategy": "sma_crossover", **wrong}
    answer = client.post("/api/v1/backtests", question, "application/json")
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == code
