"""Backtests that people ask for: computed once, told, canceled, and the same as the command's."""

import csv
import json
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from apps.market.models import Instrument, MarketClock
from apps.market.services.importing import MIN_NOTIONAL, QUANTITY_INCREMENT
from apps.research.models import BacktestRun
from apps.research.services import running, runs
from apps.research.services.requests import Request
from tests import fakes
from tests.fakes import MONDAY, World

pytestmark = pytest.mark.django_db

PRICES = ["100"] * 4 + ["102", "103", "104", "101", "98", "97", "96", "99", "103", "105", "104"]
TERMS: dict[str, Any] = {
    "cash": 1000,
    "fee": 0.001,
    "parameters": {"stop_loss": 0, "take_profit": 0},
}


@pytest.fixture
def lab() -> World:
    made = fakes.world()
    end = fakes.write(made.instrument, PRICES, MONDAY)
    MarketClock.objects.filter(venue=made.venue).update(now=end)
    return made


def asked(lab: World, **terms: Any) -> BacktestRun:
    request = Request(lab.version, {**TERMS, **terms})
    return runs.start(lab.alice, request, now=timezone.now())


def done(run: BacktestRun) -> BacktestRun:
    running.run(run.pk, clock=timezone.now)
    return BacktestRun.objects.select_related("result").get(pk=run.pk)


def test_a_run_gives_what_the_command_prints(lab: World, tmp_path: Path) -> None:
    # As the command takes a file of such prices to be.
    Instrument.objects.update(
        price_increment=1, quantity_increment=QUANTITY_INCREMENT, min_quantity=QUANTITY_INCREMENT,
        min_notional=MIN_NOTIONAL,
    )  # fmt: skip
    run = done(asked(lab, long_only=True))

    assert run.state == "done"
    assert run.result is not None
    payload = run.result.payload
    assert len(payload["trades"]) == 1
    path = tmp_path / "candles.csv"
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["time", "open", "high", "low", "close", "volume"])
        for minute, price in enumerate(PRICES):
            opened = (MONDAY + timedelta(minutes=minute)).isoformat()
            rows.writerow([opened, *[price] * 4, fakes.VOLUME])
    out = StringIO()
    call_command(
        "backtest", "sma_crossover", "--candles", str(path), "--symbol", "BTC-USD",
        "--timeframe", "1m", "--param", "fast=2", "--param", "slow=3", "--param", "stop_loss=0",
        "--param", "take_profit=0", "--cash", "1000", "--json", "--equity", "--long-only",
        stdout=out,
    )  # fmt: skip
    printed = json.loads(out.getvalue())
    del printed["elapsed_seconds"], payload["elapsed_seconds"]
    assert payload == printed
