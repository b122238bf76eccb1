"""`manage.py backtest` and `manage.py parity`, as a script and a person use them."""

import csv
import json
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from apps.execution.models import Trade
from tests import fakes
from tests.fakes import DROP, JUMP, MONDAY, QUIET

PRICES = ["100"] * 4 + ["102", "103", "104", "101", "98", "97", "96", "99", "103", "105", "104"]
SHORT = ("--param", "fast=2", "--param", "slow=3", "--param", "stop_loss=0", "--param",
         "take_profit=0")  # fmt: skip


@pytest.fixture
def candles(tmp_path: Path) -> Path:
    path = tmp_path / "candles.csv"
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["time", "open", "high", "low", "close", "volume"])
        for hour, price in enumerate(PRICES):
            opened = (MONDAY + timedelta(hours=hour)).isoformat()
            rows.writerow([opened, *[price] * 4, "5"])
    return path


def told(candles: Path, *arguments: str) -> Any:
    out = StringIO()
    call_command(
        "backtest", "sma_crossover", "--candles", str(candles), "--symbol", "BTC-USD",
        "--timeframe", "1h", *SHORT, *arguments, stdout=out,
    )  # fmt: skip
    return out.getvalue()


def test_a_script_gets_one_object_without_a_database(candles: Path) -> None:
    found = json.loads(
        told(candles, "--cash", "1000", "--fee", "0", "--json", "--equity", "--long-only")
    )

    first = found["trades"][0]
    assert {name: first[name] for name in ("entry_time", "exit_time", "side")} == {
        "entry_time": "2026-06-01T05:00:00+00:00",  # crossed at the close before
        "exit_time": "2026-06-01T08:00:00+00:00",
        "side": "long",
    }
    assert (first["entry_price"], first["exit_price"]) == (103, 98)
    assert first["quantity"] == pytest.approx(1000 / 103)
    assert first["pnl"] == pytest.approx(1000 / 103 * -5)
    assert first["exit_reason"] == "signal"
    assert len(found["equity"]) == found["candles"] == len(PRICES)
    assert found["equity"][0]["equity"] == 1000
    assert found["elapsed_seconds"] > 0
    assert len(found["data_hash"]) == 64
    assert found["engine_version"]
    assert found["metrics"]["trades"] == len(found["trades"])


def test_a_turn_goes_through_at_one_open(candles: Path) -> None:
    found = json.loads(told(candles, "--cash", "1000", "--json"))
    long, short = found["trades"][:2]
    assert (long["side"], short["side"]) == ("long", "short")
    assert long["exit_time"] == short["entry_time"]


@pytest.mark.parametrize(
    ("arguments", "quantity"),
    [
        (("--sizing", "fixed", "--quantity", "3"), 3),
        (("--sizing", "risk", "--risk", "0.1"), 0.9803921),  # without a stop all may be lost
        (("--participation", "0.1"), 0.5),  # a tenth of five, once
    ],
)
def test_how_much_is_chosen(candles: Path, arguments: tuple[str, ...], quantity: float) -> None:
    found = json.loads(told(candles, "--cash", "1000", "--json", "--fee", "0", *arguments))
    assert found["trades"][0]["quantity"] == pytest.approx(quantity, abs=1e-6)


def test_people_get_a_table(candles: Path) -> None:
    words = told(candles)
    assert "2026-06-01 05:00" in words
    assert "profit factor" in words
    assert "the stop is taken to have come first" in words


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--param", "fast"), "PARAMETERS_NOT_USABLE: 'fast' is not NAME=VALUE"),
        (("--param", "fast=a lot"), "PARAMETERS_NOT_USABLE"),
        (("--param", "speed=3"), "no parameter 'speed'"),
        (("--cash", "0"), "NUMBER_NOT_USABLE: cash cannot be '0'"),
        (("--fee", "-1"), "NUMBER_NOT_USABLE: fee"),
        (("--timeframe", "7m"), "UNKNOWN_TIMEFRAME"),
    ],
)
def test_what_cannot_be_run_is_told(candles: Path, arguments: tuple[str, ...], words: str) -> None:
    with pytest.raises(CommandError, match=words):
        told(candles, *arguments)


@pytest.mark.django_db
def test_parity_of_a_subscription_is_proved_or_the_difference_named() -> None:
    lab = fakes.world()
    lab.play(*QUIET, JUMP, "102.5", DROP, DROP, first=MONDAY)
    out = StringIO()
    call_command("parity", "--subscription", str(lab.subscription.pk), stdout=out)
    assert "1 round trips on paper: the backtest made the same" in out.getvalue()

    Trade.objects.update(exit_price=1)
    errors = StringIO()
    with pytest.raises(CommandError, match="1 differences"):
        call_command("parity", "--subscription", str(lab.subscription.pk), stderr=errors)
    assert "exit_price: paper 1" in errors.getvalue()


def test_it_says_which_engine_ran_and_both_say_the_same(candles: Path) -> None:
    ran = {
        engine: json.loads(told(candles, "--engine", engine, "--json", "--equity"))
        for engine in ("event", "compiled")
    }

    assert [each.pop("engine") for each in ran.values()] == ["event", "compiled"]
    for each in ran.values():
        del each["elapsed_seconds"]
    assert ran["event"] == ran["compiled"]


def test_an_engine_that_cannot_run_it_says_why(candles: Path) -> None:
    with pytest.raises(CommandError, match="NOT_EXPRESSIBLE: a candle gives only a part"):
        told(candles, "--engine", "compiled", "--participation", "0.1")


@pytest.mark.django_db
def test_a_command_meets_the_limits_of_a_person(candles: Path) -> None:
    alice = fakes.user("alice")
    arguments = ("--cash", "1000", "--json", "--limits", "mine", "--user", alice.email.upper())
    found = json.loads(told(candles, *arguments))

    assert found["engine"] == "event"
    assert set(found["entries"]["cut_down"]) == {"SHARE:tier"}
    words = told(candles, *arguments[:2], *arguments[3:])
    assert "cut down: SHARE:tier" in words
    with pytest.raises(CommandError, match="UNKNOWN_USER: Nobody has the email address 'x@y'"):
        told(candles, "--limits", "mine", "--user", "x@y")
