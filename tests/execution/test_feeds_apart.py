"""A venue whose closes fail again and again goes on at its pace: the thread ends, its place does
not."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.db import OperationalError
from django.utils import timezone

from apps.execution import pipeline
from apps.execution.feeds_apart import FeedsApart
from apps.execution.live_feeding import LiveVenue
from apps.execution.models import Trade
from apps.execution.services import measuring, paper
from apps.execution.services.fills import record_fills
from apps.market import selectors as market
from apps.market.models import Feed, MarketClock, VenueFeed
from apps.market.services import clock, live_feeds, quality
from tests import fakes
from tests.fakes import JUMP, MINUTE, MONDAY, QUIET, World

pytestmark = [pytest.mark.logs_errors, pytest.mark.django_db(transaction=True)]

PATIENCE_SECONDS = 20.0
PACE_SECONDS = 0.3
DROP: fakes.Prices = ("100.5", "100.5", "90", "90")


class Broken(Exception):
    """A mistake of our own, made again and again."""


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[type[BaseException]]:
    """What ended a thread."""
    made: list[type[BaseException]] = []
    monkeypatch.setattr(threading, "excepthook", lambda failed: made.append(failed.exc_type))
    return made


def play(until: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS

    def stops_within(_: float) -> bool:
        time.sleep(0.02)
        return until() or time.monotonic() > deadline

    FeedsApart(lambda line: None).run(stops_within)


def fail(*_: object, **__: object) -> Any:
    raise Broken


def break_deciding(lab: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measuring, "_measure", fail)


def break_one_account(lab: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def record(found: Any, *rest: Any) -> Any:
        if lab.account.pk in {each.account_id for each in found}:
            raise Broken
        return record_fills(found, *rest)

    monkeypatch.setattr(f"{paper.__name__}.record_fills", record)


@pytest.mark.parametrize("breaks", [break_deciding, break_one_account])
def test_a_simulated_clock_goes_on_and_the_stops_of_others_fill(
    breaks: Callable[[World, pytest.MonkeyPatch], None],
    told: list[type[BaseException]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lab = fakes.world()
    bob = fakes.user("bob")
    fakes.subscribe(bob, lab.version, fakes.account(bob, lab.venue))
    held = lab.play(*QUIET, JUMP, "103", first=MONDAY)
    end = fakes.write(lab.instrument, ["103", DROP, "90", "90"], held)
    clock.simulate("lab", feed=Feed.REPLAY, seconds_per_candle=0.0)
    breaks(lab, monkeypatch)

    play(lambda: market.market_now("lab") == end and bool(told))

    assert market.market_now("lab") == end
    assert Trade.objects.get(user=bob).closed_at == held + MINUTE, "the candle that opened then"
    assert set(told) == {Broken}


def test_one_candle_of_a_venue_is_played_though_what_was_interrupted_fails(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lab = fakes.world()
    fakes.write(lab.instrument, QUIET, MONDAY)
    clock.simulate("lab", feed=Feed.REPLAY, seconds_per_candle=0.0)
    monkeypatch.setattr(pipeline, "close_candles", fail)

    for number in (1, 2):
        with pytest.raises(Broken):
            FeedsApart(lambda line: None).play_once()
        assert market.market_now("lab") == MONDAY + number * MINUTE


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """When a live venue was asked for its candles; it has none."""
    made: list[datetime] = []

    def bring(self: LiveVenue, chosen: VenueFeed, now: datetime) -> None:
        made.append(now)
        live_feeds.mark_well(chosen, now)

    monkeypatch.setattr(LiveVenue, "_bring", bring)
    live_feeds.choose(
        "kraken", kind="ccxt", source="kraken", symbols=["BTC-USD"], now=timezone.now()
    )
    return made


def test_a_live_venue_is_asked_at_its_pace_though_closing_fails(
    asked: list[datetime], told: list[type[BaseException]], monkeypatch: pytest.MonkeyPatch
) -> None:
    pace = timedelta(seconds=PACE_SECONDS)
    measured: list[datetime] = []
    monkeypatch.setattr(pipeline, "close_candles", fail)
    monkeypatch.setattr(LiveVenue, "_next", lambda self, now: now + pace)
    monkeypatch.setattr(quality, "keep_measured", lambda *given: measured.append(given[-1]))

    play(lambda: len(told) == 3)

    assert told == [Broken] * 3
    assert len(asked) == len(measured) == 3
    assert all(later - before >= pace for before, later in pairwise(asked))
    assert MarketClock.objects.get().now == asked[-1]


def test_a_live_venue_is_left_alone_when_bringing_fails(
    told: list[type[BaseException]], asked: list[datetime], monkeypatch: pytest.MonkeyPatch
) -> None:
    brought = LiveVenue._bring

    def bring(self: LiveVenue, chosen: VenueFeed, now: datetime) -> None:
        brought(self, chosen, now)
        raise Broken

    monkeypatch.setattr(LiveVenue, "_bring", bring)
    enough = time.monotonic() + 3 * PACE_SECONDS

    play(lambda: time.monotonic() > enough and bool(told))

    assert told == [Broken]
    assert len(asked) == 1


def test_a_live_venue_begins_again_at_once_when_the_database_was_away(
    asked: list[datetime], told: list[type[BaseException]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut_once(*_: object, **__: object) -> int:
        if len(asked) == 1:
            raise OperationalError("gone")
        return 0

    monkeypatch.setattr(pipeline, "close_candles", cut_once)
    monkeypatch.setattr(LiveVenue, "_next", lambda self, now: now + timedelta(hours=1))

    play(lambda: len(asked) == 2)

    assert len(asked) == 2
    assert told == []
