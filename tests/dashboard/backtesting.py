"""Backtests for pages to show: a market that goes up and down, and a run over it."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from apps.market.models import MarketClock
from apps.research.models import BacktestRun
from apps.research.services import running, runs
from apps.research.services.limits import LimitsChoice
from apps.research.services.requests import Request
from tests import fakes
from tests.fakes import HOUR, MONDAY, World

WAVE = ["100", "101", "102", "103", "104", "103", "102", "101"]
WAVES = 60  # a trade each, after the first


def swinging(lab: World, waves: int = WAVES) -> datetime:
    """Minutes that rise and fall, over a midnight; the venue's clock stands at the last close."""
    end = fakes.write(lab.instrument, WAVE * waves, MONDAY + 22 * HOUR)
    MarketClock.objects.filter(venue=lab.venue).update(now=end)
    return end


def asked(lab: World, *, limits: LimitsChoice = LimitsChoice.NONE, **terms: Any) -> BacktestRun:
    given: dict[str, Any] = {"cash": 1000, "long_only": True, **terms}
    request = Request(lab.version, given, limits=limits)
    return runs.start(lab.alice, request, now=timezone.now())


def computed(run: BacktestRun) -> BacktestRun:
    running.run(run.pk, clock=timezone.now)
    found = BacktestRun.objects.select_related("result").get(pk=run.pk)
    assert found.result is not None, found.message
    return found
