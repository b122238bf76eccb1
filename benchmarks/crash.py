"""Workers killed outright, more often than a test run can afford.

    python benchmarks/crash.py --kills 120 --people 100

Each round tells the same story of candles (entries, stops, targets, exits by signal for people with
mixed limits) at a venue of its own while its worker is killed with SIGKILL, all of it or only the
processes that do its tasks, at random moments of a close. Prints where the kills hit, and holes,
duplicates and differences of the ledger, which must all be 0; what the people end with is compared
row by row with the same story told undisturbed. Stops with the first difference.
"""

import argparse
import os
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import django

from benchmarks.stage.database import own_database
from tests.valkey import private_valkey

A_STORY = 8  # kills; more would often find the close already done


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--kills", type=int, default=120)
    parser.add_argument("--people", type=int, default=100)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1, 1_000_000))
    chosen = parser.parse_args()
    with private_valkey() as valkey:
        os.environ["REDIS_URL"] = valkey.url
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "nija.settings.dev")
        _run(chosen.kills, chosen.people, chosen.seed)


def _run(kills: int, people: int, seed: int) -> None:
    django.setup()  # it reads the Valkey's address from the environment
    with own_database() as around:
        _storm(kills, people, seed, around)


def _storm(kills: int, people: int, seed: int, environment: Mapping[str, str]) -> None:
    from tests.journeys.conftest import Crew  # noqa: PLC0415
    from tests.journeys.crowd import gather  # noqa: PLC0415
    from tests.journeys.outcome import assert_events_match, assert_sound, outcome  # noqa: PLC0415
    from tests.journeys.storm import Storm, tell_calmly, tell_in  # noqa: PLC0415

    with tempfile.TemporaryDirectory(prefix="nija-crash-") as folder:
        crew = Crew(Path(folder))
        try:
            started = time.perf_counter()
            storm = Storm(crew, environment, random.Random(seed))
            calm = gather(people, venue="calm", number="0")
            usual = tell_calmly(calm)
            expected, crowds = outcome(calm), [calm]
            for number in range(1, -(-kills // A_STORY) + 1):
                crowd = gather(people, venue=f"hit{number}", number=str(number))
                crowds.append(crowd)
                tell_in(storm, crowd, min(A_STORY, kills - len(storm.landed)), usual)
                assert outcome(crowd) == expected, f"round {number}, seed {seed}"
            assert_sound(*crowds)  # raises at a hole, a duplicate or a difference
            assert_events_match()
            _print(storm.landed, people, seed, time.perf_counter() - started)
        finally:
            for child in crew.children:
                child.kill()


def _print(landed: list, people: int, seed: int, seconds: float) -> None:  # type: ignore[type-arg]
    print(f"\n{len(landed)} workers killed, {people} people, seed {seed}, {seconds:.0f} s")
    for point, count in Counter(standing.point for standing in landed).most_common():
        print(f"  {count:4} {point}")
    print("  checked: holes 0, duplicates 0, differences of the ledger 0, broken chains 0")
    print(f"  rows of each round = rows of the undisturbed one ({seconds * 1e3:.0f} ms in all)")


if __name__ == "__main__":
    main()
