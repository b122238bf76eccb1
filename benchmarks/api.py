"""Three questions of an API client: balance, positions, history, asked by 50 connections.

    python benchmarks/api.py --people 1000 --rounds 5

Ours is the project as production serves it (the command of docker-compose.yml, the settings of
production, rates counted, requests logged). Beside it, on the same rows: the project behind
daphne, FastAPI with SQL by hand on two processes of uvicorn, and the floor (a WSGI application
that looks at nothing, served as ours is). They take turns within each round. Latencies are those
at an offered rate, from the moment at which a question was to be sent; throughput is that of
connections that ask again at once. Before and after, the answers of a sample are compared: a
fast wrong one stops it.
"""

import argparse
import os
import secrets
import statistics
import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "nija.settings.dev")
# Production refuses the key of a checkout, and all have to know the one that signs the tokens.
os.environ.setdefault("SECRET_KEY", secrets.token_urlsafe(60))

import django

from benchmarks.serving.load import Found, Job, ask
from benchmarks.serving.questions import QUESTIONS, compare, requests
from benchmarks.stage.database import own_database
from tests.valkey import private_valkey

SAMPLE = 20  # people whose answers are compared
WARM_UP_SECONDS = 1.0

Rounds = dict[tuple[str, str], list[Found]]
"""By contender and question."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--people", type=int, default=1_000)
    parser.add_argument("--connections", type=int, default=50)
    parser.add_argument("--rate", type=int, default=200, help="requests a second, offered")
    parser.add_argument("--seconds", type=float, default=3.0, help="of each measurement")
    parser.add_argument("--rounds", type=int, default=5)
    chosen = parser.parse_args()
    with private_valkey() as valkey:
        os.environ["REDIS_URL"] = valkey.url
        django.setup()  # it reads the Valkey's address from the environment
        run(chosen.people, chosen.connections, chosen.rate, chosen.seconds, chosen.rounds)


def run(people: int, connections: int, rate: int, seconds: float, rounds: int) -> None:
    from benchmarks.serving.contenders import FLOOR, running  # noqa: PLC0415 - needs what is set up
    from benchmarks.serving.world import World  # noqa: PLC0415

    with own_database() as around:
        world = World(people)
        with running(around) as ports:
            answering = [port for name, port in ports.items() if name != FLOOR]
            compare(answering, world.tokens()[:SAMPLE])
            race = Race(ports, connections, rate)
            race.warm_up(world.tokens(), min(seconds, WARM_UP_SECONDS))
            for _ in range(rounds):
                race.go_round(world.tokens(), seconds)
            compare(answering, world.tokens()[-SAMPLE:])
    race.show(people, rounds)


class Race:
    """The contenders, and what was found in each round."""

    def __init__(self, ports: Mapping[str, int], connections: int, rate: int) -> None:
        self.ports, self.connections, self.rate = ports, connections, rate
        self.offered: Rounds = defaultdict(list)
        self.closed: Rounds = defaultdict(list)

    def warm_up(self, tokens: Sequence[str], seconds: float) -> None:
        for name in self.ports:
            for question in QUESTIONS:
                self._ask(name, question, tokens, seconds, None)

    def go_round(self, tokens: Sequence[str], seconds: float) -> None:
        for question in QUESTIONS:
            for rounds, rate in ((self.offered, self.rate), (self.closed, None)):
                for name in self.ports:
                    found = self._ask(name, question, tokens, seconds, rate)
                    rounds[name, question].append(found)

    def show(self, people: int, rounds: int) -> None:
        print(
            f"\n{people:,} people, {self.connections} connections, medians of {rounds} rounds; "
            f"ms at {self.rate} requests a second, requests a second at most"
        )
        print(f"  {'':20} {'p50':>8} {'p95':>8} {'p99':>8} {'req/s':>8}  (least-most)")
        for question in QUESTIONS:
            for name in self.ports:
                figures = " ".join(
                    f"{self._latency(name, question, part):>8}" for part in (0.5, 0.95, 0.99)
                )
                speeds = [found.a_second for found in self.closed[name, question]]
                spread = f"({min(speeds):,.0f}-{max(speeds):,.0f})"
                middle = statistics.median(speeds)
                print(f"  {question:10} {name:9} {figures} {middle:8,.0f}  {spread}")

    def _latency(self, name: str, question: str, part: float) -> str:
        """`>` where a server was too far behind to be asked all."""
        rounds = self.offered[name, question]
        middle = statistics.median(found.quantile(part) for found in rounds)
        return f"{'>' if any(found.given_up for found in rounds) else ''}{middle:.1f}"

    def _ask(
        self, name: str, question: str, tokens: Sequence[str], seconds: float, rate: int | None
    ) -> Found:
        asked = requests(question, tokens)
        return ask(Job(self.ports[name], asked, self.connections, seconds, rate))


if __name__ == "__main__":
    main()
