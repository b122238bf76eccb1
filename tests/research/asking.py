"""Backtests of a small world, as people ask for them."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from apps.accounts.models import User
from apps.market.models import MarketClock
from apps.research.models import BacktestRun
from apps.research.services import running, runs
from apps.research.services.limits import LimitsChoice
from apps.research.services.requests import Request
from tests import fakes
from tests.fakes import MONDAY, World

# Crosses once up and once down.
PRICES = ["100"] * 4 + ["102", "103", "104", "101", "98", "97", "96", "99", "103", "105", "104"]
TERMS: dict[str, Any] = {
    "cash": 1000,
    "fee": 0.001,
    "parameters": {"stop_loss": 0, "take_profit": 0},
}


def lab_with(prices: list[str], first: datetime = MONDAY) -> World:
    """Minutes that nobody has traded yet; the venue's clock is at the last close."""
    made = fakes.world()
    end = fakes.write(made.instrument, prices, first)
    MarketClock.objects.filter(venue=made.venue).update(now=end)
    return made


def asked(lab: World, *, by: User | None = None, key: str = "", **terms: Any) -> BacktestRun:
    """With these terms instead of TERMS; what is not one of them is of the request. Without limits,
    unless some are chosen."""
    terms.setdefault("limits", LimitsChoice.NONE)
    of_request = {name: terms.pop(name) for name in OF_REQUEST if name in terms}
    request = Request(lab.version, {**TERMS, **terms}, key=key, **of_request)
    return runs.start(by or lab.alice, request, now=timezone.now())


OF_REQUEST = ("instruments", "timeframe", "began_at", "until", "limits")


def taken(run: BacktestRun) -> BacktestRun:
    """As it is after a worker has taken it, whatever came of that."""
    running.run(run.pk, clock=timezone.now)
    return again(run)


def again(run: BacktestRun) -> BacktestRun:
    return BacktestRun.objects.select_related("result").get(pk=run.pk)


def payload(run: BacktestRun) -> dict[str, Any]:
    """Without what differs from one computation to the next."""
    assert run.result is not None, f"{run.state} {run.code}"
    told = dict(run.result.payload)
    assert told.pop("elapsed_seconds") > 0
    assert told.pop("engine") in {"event", "compiled"}
    return told
