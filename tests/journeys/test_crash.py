"""Workers are killed outright at random moments of a candle; what comes of it is what would have
come of it anyway. CRASH_KILLS in the environment changes how many, CRASH_SEED repeats a run.
"""

from __future__ import annotations

import random
from collections.abc import Mapping

from apps.events.models import Event
from nija.settings import env
from tests.journeys import story
from tests.journeys.conftest import Crew
from tests.journeys.crowd import gather
from tests.journeys.outcome import assert_events_match, assert_sound, outcome
from tests.journeys.storm import Storm, tell_calmly, tell_in

PEOPLE = 100
KILLS = env.integer("CRASH_KILLS", 8)
SEED = env.integer("CRASH_SEED", 0) or random.SystemRandom().randrange(1, 1_000_000)


def test_a_worker_that_is_killed_at_random_moments_leaves_no_trace(
    crew: Crew, child_environment: Mapping[str, str]
) -> None:
    print(f"CRASH_SEED={SEED} CRASH_KILLS={KILLS}")  # noqa: T201 - shown when the test fails
    storm = Storm(crew, child_environment, random.Random(SEED))
    calm = gather(PEOPLE, venue="calm", number="1")
    usual = tell_calmly(calm)
    hit = gather(PEOPLE, venue="hit", number="2")

    tell_in(storm, hit, KILLS, usual)

    print(*storm.landed, sep="\n")  # noqa: T201 - shown when the test fails
    assert len(storm.landed) == KILLS
    assert_sound(calm, hit)
    expected, found = outcome(calm), outcome(hit)
    for what, rows in expected.items():
        assert found[what] == rows, what
    assert_events_match()
    assert Event.objects.filter(kind="candles.closed").count() == 2 * story.CLOSES
