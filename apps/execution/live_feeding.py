"""The loop behind a live venue: after each close ask its feed for what has closed, keep it, take it
through the pipeline. What is missing is asked for again, from the last candle that is there.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from django.utils import timezone

from apps.common import db
from apps.common.apart import each_apart
from apps.common.errors import Refused
from apps.execution import pipeline
from apps.execution.feeding import CHART_TIMEFRAMES
from apps.market import selectors as market
from apps.market.feeds.ports import FeedFailed, LiveFeed
from apps.market.feeds.registry import live_feed
from apps.market.models import CandleGap, Instrument, VenueFeed
from apps.market.services import candles, clock, live_feeds, quality
from apps.strategies import selectors as strategies
from trading.candles import Timeframe, floor_time, next_close

# After a close, before the first question: venues need a moment to write their candle.
SETTLE = timedelta(seconds=2)
# A venue that lacks the newest candle is asked again so soon, for so long.
ASK_AGAIN = timedelta(seconds=5)
PATIENCE = timedelta(seconds=20)
# Candles that are asked for again each time: the venue may have corrected them.
ASKED_AGAIN = 3
FIRST_HISTORY = 600  # candles of a timeframe without any; more where a strategy needs more
INSTRUMENTS_HOLD = timedelta(hours=6)


@dataclass(slots=True)
class LiveVenue:
    """One venue. Whoever else plays it at the same time does no harm."""

    venue: str
    say: Callable[[str], None]
    next_at: datetime = field(default_factory=timezone.now)  # for the next round, if one raises

    @db.durable
    def step(self, now: datetime) -> datetime:
        """One round; the moment for the next. Every candle that came is through the pipeline."""
        chosen = market.venue_feed(self.venue)
        if chosen is None:
            return now + PATIENCE
        if chosen.retry_at is not None and now < chosen.retry_at:
            return chosen.retry_at
        self.next_at = now + PATIENCE
        retry_at = self._bring(chosen, now)
        self.next_at = retry_at or self._next(now)
        with suppress(Refused):  # the task of every minute was a moment ahead of us
            clock.advance(self.venue, now)
        steps: list[Callable[[], object]] = [
            partial(pipeline.close_candles, self.venue, now, wait=True),
            partial(self._measure, now - PATIENCE),
        ]
        each_apart(steps)
        return self.next_at

    def _bring(self, chosen: VenueFeed, now: datetime) -> datetime | None:
        """Ask for all there is; until when the venue is to be left alone."""
        failures: list[FeedFailed] = []
        try:
            feed = live_feed(chosen)
            deep = self._instruments(feed, chosen, now)
            depth = strategies.warmups_in_use(self.venue)
            for item in market.instruments(self.venue):
                if item.symbol in chosen.symbols:
                    failures += self._candles(feed, item, depth, now, deep=deep)
        except FeedFailed as failed:
            failures.append(failed)
        if not failures:
            if live_feeds.mark_well(chosen, now):
                self.say(f"feed {self.venue}: well")
            return None
        worst = failures[-1]  # one that ended the round stands last
        if chosen.state != worst.failure.value:
            self.say(f"feed {self.venue}: {worst.failure.value}: {worst.words}")
        return live_feeds.mark_failed(chosen, worst, now)

    def _instruments(self, feed: LiveFeed, chosen: VenueFeed, now: datetime) -> bool:
        """Read them where that is due. True = it was, and so is all of their history: a version
        that has come since may look further back."""
        read_at = chosen.instruments_at
        if read_at is not None and now - read_at < INSTRUMENTS_HOLD:
            return False
        live_feeds.keep_instruments(chosen, feed.rules(chosen.symbols), now)
        return True

    def _candles(
        self, feed: LiveFeed, item: Instrument, depth: Mapping[Timeframe, int], now: datetime,
        *, deep: bool,
    ) -> list[FeedFailed]:  # fmt: skip
        """The candles of one instrument, finest first, then the coarser ones that its own do not
        make. Raises FeedFailed when the venue is not to be asked for anything more."""
        finest = self._finest()
        coarser = sorted(CHART_TIMEFRAMES | set(depth), key=lambda frame: frame.minutes)
        since = self._after(item, finest, depth.get(finest, 0), now, deep=deep)
        try:
            failures = self._ask(feed, item, finest, since, now)
            for gap in quality.gaps_to_ask_for(item, finest, now):
                failures += self._ask(feed, item, finest, gap.first_open, gap.until)
                quality.asked_again(gap)
                quality.record_gaps(item, finest, gap.first_open, gap.until, now=now)
                candles.record_coarser(
                    [item.pk], finest, coarser, after=gap.first_open, until=_within(gap, now)
                )
        finally:  # a candle that is a little late is not missing yet
            quality.record_gaps(item, finest, since, now - PATIENCE, now=now)
        for timeframe in (frame for frame in coarser if frame is not finest):
            # The history of a timeframe that is new comes from the venue, deeper than our finest.
            if market.last_closes([item.pk], timeframe) or not feed.offers(timeframe):
                candles.record_coarser([item.pk], finest, [timeframe], after=since, until=now)
            after = self._after(item, timeframe, depth.get(timeframe, 0), now, deep=deep)
            if after < floor_time(now, timeframe) and feed.offers(timeframe):
                failures += self._ask(feed, item, timeframe, after, now)
        return failures

    def _ask(
        self, feed: LiveFeed, item: Instrument, timeframe: Timeframe,
        after: datetime, until: datetime,
    ) -> list[FeedFailed]:  # fmt: skip
        try:
            candles.record_candles(timeframe, feed.candles([item], timeframe, after, until))
        except FeedFailed as failed:
            candles.record_candles(timeframe, {item.pk: failed.kept})
            if failed.failure.is_of_one_instrument:
                return [failed]
            raise
        return []

    def _after(
        self, item: Instrument, timeframe: Timeframe, warmup: int, now: datetime, *, deep: bool
    ) -> datetime:
        """From where on to ask: of the finest, a few candles again."""
        last = market.last_closes([item.pk], timeframe).get(item.pk)
        start = floor_time(now, timeframe) - max(FIRST_HISTORY, warmup) * timeframe.duration
        if last is None:
            return start
        again = ASKED_AGAIN if timeframe is self._finest() else 0
        usual = last - again * timeframe.duration
        return min(start, usual) if deep else usual

    def _measure(self, until: datetime) -> None:
        quality.keep_measured(market.instruments(self.venue), self._finest(), until)

    def _next(self, now: datetime) -> datetime:
        """Soon, while the newest candle of an instrument is still to come; else the next close."""
        finest = self._finest()
        newest = floor_time(now, finest)
        ids = [item.pk for item in market.instruments(self.venue)]
        # Only what traded a candle ago is waited for: not a night, not a quiet instrument.
        was_there = newest - finest.duration
        is_late = was_there in market.last_closes(ids, finest).values()
        if is_late and now - newest < PATIENCE:
            return now + ASK_AGAIN
        return next_close(now, finest) + SETTLE

    def _finest(self) -> Timeframe:
        return live_feeds.FINEST


def _within(gap: CandleGap, now: datetime) -> datetime:
    """To the end of every coarser candle that the gap has a part in."""
    return min(now, gap.until + max(frame.duration for frame in Timeframe))
