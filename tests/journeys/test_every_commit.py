"""The pipeline dies after each of its commits in turn: whatever it had written by then, the next to
come finishes the candle as if nothing had happened."""

from __future__ import annotations

import random
from functools import partial

import pytest
from django.db.models import F

from apps.events.services import relay, sealing
from apps.execution.models import Order
from apps.execution.pipeline import close_candles
from apps.execution.services import fan_out, orders, paper
from apps.market.models import CandleCursor
from apps.strategies.models import Run
from tests.fakes import VOLUME, close
from tests.journeys import story
from tests.journeys.crowd import gather
from tests.journeys.dying import deaths_until_done, dies_after
from tests.journeys.outcome import (
    assert_events_match,
    assert_sound,
    everything_was_told,
    outcome,
)

SEED = 20_260_601
PEOPLE = 10
PER_CHUNK = 6
PER_BATCH = 30
THIN = "60"  # an entry takes several candles of this volume
CLOSES = story.CLOSES - 2  # by then each kind of entry and exit has been seen


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("volume", [VOLUME, THIN])
def test_dying_after_any_commit_changes_nothing(
    monkeypatch: pytest.MonkeyPatch, volume: str
) -> None:
    for module in (fan_out, orders, paper):
        monkeypatch.setattr(module, "CHUNK", PER_CHUNK)  # several chunks even for a few people
    for module in (relay, sealing):
        monkeypatch.setattr(module, "BATCH", PER_BATCH)
    calm = gather(PEOPLE, venue="calm", number="1")
    hit = gather(PEOPLE, venue="hit", number="2")
    deaths = 0

    for index in range(CLOSES):
        close(calm.venue, story.tell(calm, index, volume))
        moment = story.tell(hit, index, volume)
        if index < len(story.QUIET):
            close(hit.venue, moment)
        else:
            deaths += deaths_until_done(partial(close_candles, hit.venue.code, moment))
    deaths += deaths_until_done(relay.relay)

    assert deaths > 50
    assert everything_was_told()
    assert_sound(calm, hit)
    assert_events_match()
    expected, found = outcome(calm), outcome(hit)
    for what, rows in expected.items():
        assert found[what] == rows, what


@pytest.mark.django_db(transaction=True)
def test_coming_back_only_when_the_next_candle_has_closed_loses_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What was not decided is decided late, and that once; no stop misses a candle."""
    for module in (fan_out, orders, paper):
        monkeypatch.setattr(module, "CHUNK", PER_CHUNK)
    hit = gather(PEOPLE, venue="hit", number="1")
    chance = random.Random(SEED)
    deaths, late = 0, 0

    for index in range(CLOSES):
        moment = story.tell(hit, index)
        deaths += dies_after(chance.randint(1, 16), partial(close_candles, hit.venue.code, moment))
        behind = CandleCursor.objects.filter(decided_through__lt=F("closed_through"))
        late += behind.exists()
    close(hit.venue, moment)

    assert (deaths > CLOSES / 2, late > 3) == (True, True), (deaths, late)
    assert not CandleCursor.objects.exclude(closed_through=moment, decided_through=moment).exists()
    assert not Run.objects.filter(expected__gt=0, decided_at=None).exists()
    assert not Order.objects.filter(active_from__lt=F("decision__decided_at")).exists()
    assert_sound(hit)
