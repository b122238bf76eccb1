"""Whatever keeps entries from being made keeps no position from being left: each thing that can,
against each way out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from django.utils import timezone

from apps.brokers.models import Venue
from apps.execution.models import Exit, Order, Position, Trade
from apps.execution.monitoring import look_after_positions
from apps.execution.services import black_swans
from apps.execution.services.flattening import flatten
from apps.market.models import MarketClock
from apps.risk import services as risk
from apps.strategies import services as strategies
from apps.strategies.models import Run
from apps.subscriptions import services as plans
from apps.subscriptions.models import Plan
from tests import fakes
from tests.fakes import MINUTE, MONDAY, World, close, world, write
from trading.exits import ExitReason
from trading.gates.values import TradingState
from trading.strategies import REGISTRY

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("conserved")]

TO_103 = (*fakes.QUIET, fakes.JUMP, "103")
AT_103 = MONDAY + 6 * MINUTE

Obstacle = Callable[[World, pytest.MonkeyPatch], Any]


def _strategy_raises(lab: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def decide(*_: object) -> Any:
        raise ZeroDivisionError("a strategy's own mistake")

    code = lab.version.strategy.code
    monkeypatch.setitem(REGISTRY, code, replace(REGISTRY[code], decide=decide))


def _payment_is_overdue(lab: World, _: pytest.MonkeyPatch) -> None:
    plans.publish()
    plan = Plan.objects.get(code="basic", version=1)
    given = plans.give(lab.alice, plan, now=MONDAY, by="olga", reason="a test")
    plans.mark_past_due(given, now=MONDAY)


def _subscription_is_paused(lab: World, _: pytest.MonkeyPatch) -> None:
    strategies.pause(lab.subscription, now=AT_103, by=lab.alice.pk)


def _subscription_has_ended(lab: World, _: pytest.MonkeyPatch) -> None:
    strategies.end(lab.subscription, now=AT_103)


def _version_is_withdrawn(lab: World, _: pytest.MonkeyPatch) -> None:
    type(lab.version).objects.update(is_active=False)


def _switch(state: TradingState) -> Obstacle:
    def trip(_: World, __: pytest.MonkeyPatch) -> None:
        risk.trip(by="olga", reason="drill", now=AT_103, state=state)

    trip.__name__ = state.name
    return trip


OBSTACLES: list[Obstacle] = [
    _strategy_raises, _payment_is_overdue, _subscription_is_paused, _subscription_has_ended,
    _version_is_withdrawn, *(_switch(state) for state in TradingState if state.value),
]  # fmt: skip


def _held(*, at_the_venue: bool) -> World:
    made = world()
    Venue.objects.update(rests_stops=at_the_venue)
    made.play(*TO_103, first=MONDAY)
    assert Position.objects.get().quantity > 0
    return made


def _pass(lab: World, *prices: fakes.Prices, volume: str = "1000") -> None:
    moment = AT_103
    for price in prices:
        moment = write(lab.instrument, [price], moment, volume)
        close(lab.venue, moment)


@pytest.mark.parametrize("obstacle", OBSTACLES, ids=lambda obstacle: obstacle.__name__)
@pytest.mark.parametrize("at_the_venue", [True, False], ids=["venue", "ours"])
def test_by_its_stop(
    monkeypatch: pytest.MonkeyPatch, obstacle: Obstacle, at_the_venue: bool
) -> None:
    lab = _held(at_the_venue=at_the_venue)
    obstacle(lab, monkeypatch)

    _pass(lab, ("103", "103", "99", "99"), "99")

    assert Position.objects.get().quantity == 0
    assert Trade.objects.get().exit_reason in {"stop", "liquidation"}


@pytest.mark.parametrize("obstacle", OBSTACLES, ids=lambda obstacle: obstacle.__name__)
def test_by_somebodys_word(monkeypatch: pytest.MonkeyPatch, obstacle: Obstacle) -> None:
    lab = _held(at_the_venue=True)
    obstacle(lab, monkeypatch)

    assert flatten(Position.objects.all(), ExitReason.MANUAL, by="olga").exits == 1
    look_after_positions(timezone.now())
    _pass(lab, "103")

    assert Trade.objects.get().exit_reason == "manual"


@pytest.mark.parametrize("at_the_venue", [True, False], ids=["venue", "ours"])
def test_without_any_volume(at_the_venue: bool) -> None:
    lab = _held(at_the_venue=at_the_venue)

    _pass(lab, ("103", "103", "99", "99"), "99", volume="0")

    assert Trade.objects.get().exit_reason == "stop"


@pytest.mark.parametrize("volume", ["0", "0.0001"])
def test_by_somebodys_word_without_any_volume(volume: str) -> None:
    lab = _held(at_the_venue=True)
    flatten(Position.objects.all(), ExitReason.MANUAL, by="olga")
    look_after_positions(timezone.now())

    _pass(lab, "103", volume=volume)

    assert Trade.objects.get().exit_reason == "manual"


def test_while_nobody_takes_candles_through_the_pipeline() -> None:
    """Prices come, and whoever should scan them for entries hangs: the monitor leaves by itself."""
    lab = _held(at_the_venue=False)
    now: datetime = write(lab.instrument, ["99"], AT_103)
    MarketClock.objects.update(now=now)
    runs = Run.objects.count()

    found = look_after_positions(timezone.now())

    assert (found.reached, found.sent) == (1, 1)
    assert Exit.objects.get().cause == "stop"
    assert Order.objects.get(leg="exit").status == "accepted"
    assert Run.objects.count() == runs


def test_before_anything_slow_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """Measuring a year of candles, which may fail, keeps no exit of the same close waiting."""
    lab = _held(at_the_venue=True)
    _switch(TradingState.LIQUIDATING)(lab, monkeypatch)

    def fail(_: object) -> None:
        raise RuntimeError("it cannot be read")

    monkeypatch.setattr(black_swans, "watch", fail)
    with pytest.raises(RuntimeError, match="it cannot be read"):
        _pass(lab, "103")

    assert Order.objects.get(leg="exit").status == "accepted"
