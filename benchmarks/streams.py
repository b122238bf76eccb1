"""From the commit to the screens of many: prices told to everybody, facts of single users told to
each alone.

    python benchmarks/streams.py --clients 1000 --rounds 20

Ours (commit, Celery, relay, Valkey, daphne, hub, socket) stands beside the usual way (stock
channels: the same daphne and Valkey, every consumer a member of the group; told from its
`group_send`, without a commit) and the floor (a frame made once and written to every socket, no
Django), one after the other in one run, with the same clients in a process of their own. A client
that does not hear a message stops it.
"""

import argparse
import json
import os
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "nija.settings.dev")

import django

from benchmarks.stage.database import own_database
from benchmarks.streaming import processes
from benchmarks.streaming.clients import Clients
from tests.servers import daphne
from tests.valkey import private_valkey

PAUSE_SECONDS = 1.0  # between broadcasts: the usual way needs most of it
LAST_SECONDS = 3.0  # for what is still on its way
WARM_UP = 3  # broadcasts that are not counted


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--clients", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--rate", type=int, default=200, help="facts of single users a second")
    parser.add_argument("--seconds", type=int, default=5, help="of facts of single users")
    chosen = parser.parse_args()
    with private_valkey() as valkey:
        os.environ["REDIS_URL"] = valkey.url
        print(f"\n{chosen.clients:,} clients, {chosen.rounds} broadcasts; ms from commit to client")
        print(f"  {'':44} {'median':>8} {'p99':>8} {'most':>8}")
        measure(chosen.clients, chosen.rounds, chosen.rate, chosen.seconds)


def measure(clients: int, rounds: int, rate: int, seconds: int) -> None:
    django.setup()  # it reads the Valkey's address from the environment
    from benchmarks.streaming.world import World  # noqa: PLC0415 - needs what is set up

    with own_database() as around:
        world = World(clients)
        _ours(world.cookies, world.close, world.one_by_one(), rounds, rate, seconds, around)
        with daphne("benchmarks.streaming.stock", around) as port:
            url = f"ws://127.0.0.1:{port}/ws/stock"
            found = told(Clients(url, world.cookies, "x"), world.group, rounds, clients)
            show("stock channels, to everybody", found)
    with processes.floor() as (port, lines):

        def write(number: int) -> str:
            lines.write(json.dumps({"type": "x", "time": number, "padding": "x" * 200}) + "\n")
            lines.flush()
            return str(number)

        everybody = Clients(f"ws://127.0.0.1:{port}/ws", [""] * clients, "x")
        show("floor, to everybody", told(everybody, write, rounds, clients))


def _ours(
    cookies: Sequence[str],
    close: Callable[[int], str],
    one: Callable[[int], str],
    rounds: int,
    rate: int,
    seconds: int,
    around: Mapping[str, str],
) -> None:
    with processes.worker(around), daphne("nija.asgi", around) as port:
        url = f"ws://127.0.0.1:{port}/ws/positions"
        show(
            "ours, to everybody", told(Clients(url, cookies, "prices"), close, rounds, len(cookies))
        )
        listening = Clients(url, cookies, "event")
        found = told(listening, one, rate * seconds, 1, pause=1 / rate)
        show(f"ours, to one user after the other, {rate} a second", found)


def told(
    clients: Clients,
    tell: Callable[[int], str],
    times: int,
    heard_by: int,
    *,
    pause: float = PAUSE_SECONDS,
) -> list[float]:
    """Tell so many times at a steady pace; ms from before each to every client that heard it."""
    moments: dict[str, float] = {}
    started = time.monotonic()
    for number in range(WARM_UP + times):
        time.sleep(max(0.0, started + number * pause - time.monotonic()))
        before = time.monotonic()
        moments[tell(number)] = before
    time.sleep(LAST_SECONDS)
    heard = clients.heard()
    for name in moments:
        assert len(heard.get(name, ())) == heard_by, f"{name}: heard by {len(heard.get(name, ()))}"
    counted = list(moments.items())[WARM_UP:]
    return sorted(1e3 * (at - before) for name, before in counted for at in heard[name])


def show(name: str, latencies: Sequence[float]) -> None:
    middle, most = statistics.median(latencies), latencies[-1]
    last = latencies[int(len(latencies) * 0.99)]
    print(f"  {name:44} {middle:8.1f} {last:8.1f} {most:8.1f}", flush=True)


if __name__ == "__main__":
    main()
