"""From the commit of a trip to the last order leaving, while N entries are queued and being sent.

    python benchmarks/kill_switch.py --orders 10000 --rounds 3 --races 200

A second thread, on a connection of its own, submits what is queued; the switch is tripped somewhere
in between. Then many small races with the trip at a random moment: after each, no entry may have
been marked SUBMITTED after the trip's commit, and none may still stand. Stops with the first that
does. The embedded server keeps its data safe here (fsync on). A database is made for the run.
"""

import argparse
import os
import random
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import patch

sys.path.insert(0, str(Path(__file__).parents[1]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "nija.settings.dev")

import django

django.setup()

from django.db import connection

from apps.brokers.registry import broker_for
from apps.events.models import Event
from apps.execution.models import Order, OrderEvent
from apps.execution.services import fan_out, halting, orders, sending
from apps.market.models import MarketClock
from apps.risk import services as risk
from apps.strategies import services as strategies
from benchmarks.stage.database import own_database
from benchmarks.stage.people import populate
from tests import fakes
from trading.candles import Timeframe

SMALL_RACE = 24  # orders of one race
SMALL_CHUNK = 4  # so many are marked in one transaction there: more places to meet the trip


class Race(NamedTuple):
    """Seconds."""

    asked_to_committed: float
    committed_to_last_left: float  # 0: none left after the commit
    committed_to_drained: float
    sent: int


class Market:
    """A venue of one instrument whose candles we write, and its N subscribers."""

    def __init__(self, name: str, number: str, subscribers: int) -> None:
        self.venue = fakes.venue(name)
        self.instrument = fakes.instrument(self.venue)
        self.version = fakes.version([self.instrument], number)
        populate(self.venue.code, self.version.pk, subscribers, fakes.MONDAY)
        self.moment = fakes.MONDAY

    def queue(self) -> int:
        """Everybody decides to buy; nothing is sent yet. The number of entries."""
        for price in fakes.QUIET:
            self.moment = fakes.write(self.instrument, [price], self.moment)
            fakes.close(self.venue, self.moment)
        self.moment = fakes.write(self.instrument, [fakes.JUMP], self.moment)
        MarketClock.objects.filter(venue=self.venue).update(now=self.moment)
        strategies.look_and_record(
            self.venue.code, Timeframe.M1, self.moment, [self.instrument.pk], still_holding={}
        )
        fan_out.fan_out(self.version.pk, self.moment)
        return Order.objects.filter(status="pending").count()

    def submit(self) -> None:
        orders.submit_pending(self.venue.code, self.moment)

    def send_undisturbed(self) -> float:
        """The seconds that it takes; what was sent is taken back."""
        started = time.perf_counter()
        self.submit()
        seconds = time.perf_counter() - started
        switch = risk.trip(by="benchmark", reason="the first", now=self.moment)
        halting.drain(switch, self.moment)
        risk.reset(by="benchmark", reason="over", now=self.moment)
        return seconds

    def race(self, delay: float) -> Race:
        """Send from one thread, trip from this one after the delay."""
        with _noted() as left, ThreadPoolExecutor(max_workers=1) as threads:
            submitting = threads.submit(self._submit_and_hang_up)
            time.sleep(delay)
            asked = time.perf_counter()
            switch = risk.trip(by="benchmark", reason="a race", now=self.moment)
            committed = time.perf_counter()
            halting.drain(switch, self.moment)
            drained = time.perf_counter()
            submitting.result()  # raises what was raised there: nobody won who did not run
        halting.drain(switch, self.moment)
        last = max((moment for moment, _ in left), default=committed)
        _prove()
        risk.reset(by="benchmark", reason="over", now=self.moment)
        return Race(
            committed - asked,
            max(0.0, last - committed),
            drained - committed,
            sum(number for _, number in left),
        )

    def _submit_and_hang_up(self) -> None:
        try:
            self.submit()
        finally:
            connection.close()


@contextmanager
def _noted() -> Iterator[list[tuple[float, int]]]:
    """When orders had left, and how many, by the adapter's own word."""
    left: list[tuple[float, int]] = []

    class Noting:
        def __init__(self, broker: Any) -> None:
            self.broker = broker

        def submit(self, tickets: Sequence[Any]) -> Any:
            reports = list(self.broker.submit(tickets))
            left.append((time.perf_counter(), len(tickets)))
            return reports

    def noting(mode: str, **more: Any) -> Noting:
        return Noting(broker_for(mode, **more))

    with patch.object(sending, "broker_for", noting):
        yield left


def _prove() -> None:
    """By the database's clock, read under the locks."""
    tripped_at = Event.objects.filter(kind="kill_switch.tripped").latest("id").recorded_at
    submitted = OrderEvent.objects.filter(new_status="submitted", order__leg="entry")
    late = submitted.filter(recorded_at__gt=tripped_at).count()
    assert not late, f"{late} entries were marked SUBMITTED after the trip"
    standing = Order.objects.filter(leg="entry").exclude(status="canceled").count()
    assert not standing, f"{standing} entries still stand"


def measure(count: int, rounds: int, seed: int) -> None:
    chance = random.Random(seed)
    market = Market("queue", "1.0.0", count)
    queued = market.queue()
    assert queued == count, queued
    usual = market.send_undisturbed()
    races = []
    for _ in range(rounds):
        market.queue()
        races.append(market.race(chance.uniform(0, usual)))
    print(f"\n{count:,} entries queued, {rounds} rounds, seed {seed} (median, min-max; ms)")
    _line("asked → trip committed", [race.asked_to_committed for race in races])
    _line("committed → last order left", [race.committed_to_last_left for race in races])
    _line("committed → every entry ended", [race.committed_to_drained for race in races])
    print(f"  sent before the trip               {[race.sent for race in races]}")


def run_races(count: int, seed: int) -> None:
    chance = random.Random(seed)
    market = Market("race", "2.0.0", SMALL_RACE)
    with patch.object(orders, "CHUNK", SMALL_CHUNK):
        market.queue()
        usual = market.send_undisturbed()
        races = []
        for _ in range(count):
            market.queue()
            races.append(market.race(chance.uniform(0, usual)))
    within = sum(0 < race.sent < SMALL_RACE for race in races)
    print(f"\n{count} races of {SMALL_RACE} entries, seed {seed} (median, min-max; ms)")
    _line("asked → trip committed", [race.asked_to_committed for race in races])
    _line("committed → last order left", [race.committed_to_last_left for race in races])
    print(f"  in the middle of the sending       {within}")
    print("  marked SUBMITTED after the commit  0")


def _line(name: str, seconds: Sequence[float]) -> None:
    low, high = min(seconds) * 1e3, max(seconds) * 1e3
    print(f"  {name:30} {statistics.median(seconds) * 1e3:9.1f}  ({low:.1f}-{high:.1f})")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--orders", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--races", type=int, default=200)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1, 1_000_000))
    chosen = parser.parse_args()
    with own_database():
        measure(chosen.orders, chosen.rounds, chosen.seed)
        with connection.cursor() as cursor:  # the people, and all that is theirs
            cursor.execute("TRUNCATE accounts_user, risk_killswitch CASCADE")
        run_races(chosen.races, chosen.seed)


if __name__ == "__main__":
    main()
