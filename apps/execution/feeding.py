"""The loop behind simulated clocks: fetch a candle, keep it, move the clock, take it through the
pipeline. Wherever it is killed, its next start finishes what was begun.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from django.db import InterfaceError, OperationalError, connection

from apps.common import db
from apps.common.apart import each_apart
from apps.common.errors import Refused
from apps.execution import pipeline
from apps.market import selectors as market
from apps.market.feeds.registry import feed_of
from apps.market.models import MarketClock
from apps.market.services import candles, clock
from apps.strategies import selectors as strategies
from trading.candles import Timeframe

# How soon to look again for a new clock, for more of a recording that ended, for the database.
LOOK_AGAIN_SECONDS = 1.0
CHART_TIMEFRAMES = frozenset({Timeframe.M5, Timeframe.M15, Timeframe.H1})


@dataclass(slots=True)
class FeedLoop:
    """Plays the venues (all that have a feed of ours, where none is named).

    `stops_within` waits so many seconds and says whether to stop: asked between candles only.
    A candle that raises ends `run`; run again, it goes on with the next one, when that is due.
    """

    say: Callable[[str], None]
    stops_within: Callable[[float], bool]
    venues: Sequence[str] = ()
    _due: dict[str, float] = field(default_factory=dict)  # by venue, on the monotonic clock
    _told: dict[str, str] = field(default_factory=dict)

    def run(self) -> None:
        """A candle that takes longer than its pace delays the next ones; none is left out."""
        while not self.stops_within(self._round()):
            pass

    def play_once(self) -> None:
        """One candle of each venue."""
        each_apart(partial(self._once, each) for each in market.simulated_clocks(self.venues))

    def _once(self, venue_clock: MarketClock) -> None:
        steps: list[Callable[[], object]] = [
            partial(self._resume, venue_clock),
            partial(self._step, venue_clock),
        ]
        each_apart(steps)

    def _round(self) -> float:
        """Every venue that is due; the seconds until one is due again."""
        try:
            clocks = market.simulated_clocks(self.venues)
            for venue_clock in clocks:
                if venue_clock.venue_id not in self._due:
                    self._resume(venue_clock)
                elif self._due[venue_clock.venue_id] <= time.monotonic():
                    self._play(venue_clock)
                if self.stops_within(0):
                    return 0
        except (OperationalError, InterfaceError) as error:
            self._tell(
                "database", f"feed waits for the database: {str(error).partition(chr(10))[0]}"
            )
            connection.close()
            self._due.clear()  # what was interrupted is resumed
            return LOOK_AGAIN_SECONDS
        self._told.pop("database", None)
        self._due = {item.venue_id: self._due[item.venue_id] for item in clocks}
        self._tell("ready", f"feed ready: {', '.join(self._due) or 'nothing to play yet'}")
        soonest = min(self._due.values(), default=float("inf")) - time.monotonic()
        return min(max(soonest, 0), LOOK_AGAIN_SECONDS)

    def _resume(self, venue_clock: MarketClock) -> None:
        """The clock may have been moved and its candles not taken: take them."""
        self._due[venue_clock.venue_id] = time.monotonic()  # though it fails, the next one comes
        pipeline.close_candles(venue_clock.venue_id, venue_clock.now, wait=True)

    def _play(self, venue_clock: MarketClock) -> None:
        venue, pace = venue_clock.venue_id, venue_clock.seconds_per_candle or 0.0
        # From when it was due, not from now: the pace holds. But what is late is not caught up on.
        self._due[venue] = max(self._due[venue] + pace, time.monotonic())
        try:
            if self._step(venue_clock):
                self._told.pop(venue, None)
                return
            line = f"recording ended: {venue} at {venue_clock.now:%Y-%m-%d %H:%M}"
        except Refused as refused:
            line = f"feed refused: {venue}: {refused.message}"
        self._tell(venue, line)
        self._due[venue] = time.monotonic() + LOOK_AGAIN_SECONDS

    @db.durable
    def _step(self, venue_clock: MarketClock) -> bool:
        """One candle further. False = the feed has nothing later."""
        venue, now = venue_clock.venue_id, venue_clock.now
        feed, finest = feed_of(venue_clock), Timeframe(venue_clock.timeframe)
        instruments = market.instruments(venue)
        ids = [instrument.pk for instrument in instruments]
        close = feed.next_close(instruments, finest, now)
        if close is None:
            return False
        candles.record_candles(finest, feed.candles(instruments, finest, now, close))
        wanted = CHART_TIMEFRAMES | strategies.timeframes_in_use(venue)
        candles.record_coarser(ids, finest, wanted, after=now, until=close)
        clock.advance(venue, close)
        pipeline.close_candles(venue, close, wait=True)
        return True

    def _tell(self, about: str, line: str) -> None:
        """Say it, but not again and again."""
        if self._told.get(about) != line:
            self._told[about] = line
            self.say(line)
