"""The process that brings candles: each venue in a thread of its own, so that one that fails or
hangs delays no other. Venues come and go with their rows, without a restart.
"""

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from django.db import InterfaceError, OperationalError, connection
from django.utils import timezone

from apps.common.apart import each_apart
from apps.execution.feeding import FeedLoop
from apps.execution.live_feeding import LiveVenue
from apps.market import selectors as market
from apps.market.models import VenueFeed

log = logging.getLogger(__name__)

# How soon a row that was added or changed is seen, and a venue whose thread has ended is begun
# again.
LOOK_AGAIN_SECONDS = 1.0
# How long an unfinished answer of a live venue may hold up the end of the process.
STOP_SECONDS = 1.0


@dataclass(slots=True)
class FeedsApart:
    """The venues that have a feed (of these only, where some are named).

    An error ends the thread of its venue, is told by threading.excepthook, and the thread is begun
    again. It goes on at the venue's pace: were the same candle all it tried, no stop there would
    meet a later one, and a live venue would be asked every second.
    """

    say: Callable[[str], None]
    venues: Sequence[str] = ()
    _ends: threading.Event = field(default_factory=threading.Event)
    _live: frozenset[str] = frozenset()
    _simulated: frozenset[str] = frozenset()
    _threads: dict[str, threading.Thread] = field(default_factory=dict)
    _loops: dict[str, FeedLoop] = field(default_factory=dict)  # by venue, while it is played
    _live_venues: dict[str, LiveVenue] = field(default_factory=dict)

    def play_once(self) -> None:
        """One candle of each simulated venue, one round of each live one."""
        self._look()
        loop = FeedLoop(self.say, self._ends.wait, self.venues)
        rounds: list[Callable[[], object]] = [partial(self._round, each) for each in self._live]
        each_apart([loop.play_once, *rounds])

    def run(self, stops_within: Callable[[float], bool]) -> None:
        """Until it is to stop. The candle that a simulated venue is at is taken to its end; a live
        venue's answer is not waited for: what is not written the next process asks for again."""
        is_told = False
        while True:
            with _own_connection():
                self._look()
                self._begin()
                if not (is_told or self._threads):
                    self.say("feed ready: nothing to play yet")
                is_told = True
            if stops_within(LOOK_AGAIN_SECONDS):
                break
        self._ends.set()
        for venue, thread in self._threads.items():
            thread.join(None if venue in self._simulated else STOP_SECONDS)

    def _look(self) -> None:
        live = market.live_venues()
        self._live = frozenset(each for each in live if not self.venues or each in self.venues)
        clocks = market.simulated_clocks(self.venues)
        self._simulated = frozenset(clock.venue_id for clock in clocks)

    def _begin(self) -> None:
        for venues, play in ((self._simulated, self._play_simulated), (self._live, self._play)):
            for venue in sorted(venues):
                thread = self._threads.get(venue)
                if thread is None or not thread.is_alive():
                    thread = threading.Thread(
                        target=play, args=[venue], name=f"feed {venue}", daemon=True
                    )
                    self._threads[venue] = thread
                    thread.start()

    def _play_simulated(self, venue: str) -> None:
        def stops_within(seconds: float) -> bool:
            return self._ends.wait(seconds) or venue not in self._simulated

        with _own_connection():
            self._loops.setdefault(venue, FeedLoop(self.say, stops_within, [venue])).run()
        del self._loops[venue]

    def _play(self, venue: str) -> None:
        with _own_connection():
            self.say(f"feed {venue}: live")
            played = self._live_venues.setdefault(venue, LiveVenue(venue, self.say))
            self._wait(venue, until=played.next_at)
            while venue in self._live and not self._ends.is_set():
                self._wait(venue, until=played.step(timezone.now()))
        del self._live_venues[venue]  # also where the database was away: it begins at once

    def _round(self, venue: str) -> datetime:
        return LiveVenue(venue, self.say).step(timezone.now())

    def _wait(self, venue: str, *, until: datetime) -> None:
        """Wait, but not on: a row that was saved anew is looked at soon."""
        while (left := (until - timezone.now()).total_seconds()) > 0:
            if self._ends.wait(min(left, LOOK_AGAIN_SECONDS)):
                return
            chosen = market.venue_feed(venue)
            if chosen is None or not chosen.is_on or chosen.state == VenueFeed.State.NEW:
                return


@contextmanager
def _own_connection() -> Iterator[None]:
    """Of the thread. A database that is away ends what is done with it; the next look begins it
    again."""
    try:
        yield
    except (OperationalError, InterfaceError) as error:
        log.warning("feeds wait for the database: %s", str(error).partition("\n")[0])
    finally:
        connection.close()
