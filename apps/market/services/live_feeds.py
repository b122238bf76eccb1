"""Live venues: which feed brings their candles, and how that goes. A feed that fails is a state
that everybody can see, with the time of the next try; never a silent gap.
"""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from apps.brokers.services import ensure_venue
from apps.common import db, metrics
from apps.common.errors import Refused
from apps.market.feeds.ports import Failure, FeedFailed
from apps.market.models import MarketClock, VenueFeed
from apps.market.services.clock import ensure_clock
from apps.market.services.instruments import keep_rules
from trading.candles import Timeframe, floor_time
from trading.instruments import InstrumentRules

log = logging.getLogger(__name__)

FIRST_BACKOFF = timedelta(seconds=5)  # doubled with each failure in a row
FIRST_BACKOFF_RATE_LIMITED = timedelta(seconds=30)
LONGEST_BACKOFF = timedelta(minutes=5)
LONGEST_RETRY_AFTER = timedelta(hours=1)  # that a venue may ask of us
FINEST = Timeframe.M1


def check(venue_code: str, symbols: Sequence[str]) -> list[str]:
    """The symbols as they are kept. Raises Refused NO_SYMBOLS, VENUE_IS_SIMULATED."""
    wanted = list(dict.fromkeys(symbol.strip().upper() for symbol in symbols if symbol.strip()))
    if not wanted:
        raise Refused("NO_SYMBOLS", "Name at least one instrument, as in BTC-USD.")
    clock = MarketClock.objects.filter(venue_id=venue_code).first()
    if clock is not None and clock.seconds_per_candle is not None:
        raise Refused(
            "VENUE_IS_SIMULATED",
            f"The clock of {venue_code} is simulated: a recording cannot become a live market.",
        )
    return wanted


@db.transaction
def choose(
    venue_code: str, *, kind: str, source: str, symbols: Sequence[str], now: datetime,
    is_on: bool = True,
) -> VenueFeed:  # fmt: skip
    """This feed brings the venue's candles from now on; venue and clock are made where missing.

    Raises Refused NO_SYMBOLS, VENUE_IS_SIMULATED.
    """
    wanted = check(venue_code, symbols)
    venue = ensure_venue(venue_code, venue_code.title())
    ensure_clock(venue, now=floor_time(now, FINEST), finest=FINEST)
    chosen, _ = VenueFeed.objects.update_or_create(
        venue=venue,
        defaults={
            "kind": kind, "source": source.strip(), "symbols": wanted, "is_on": is_on,
            "state": VenueFeed.State.NEW, "instruments_at": None, "retry_at": None,
        },
    )  # fmt: skip
    return chosen


@db.transaction
def keep_instruments(chosen: VenueFeed, rules: Sequence[InstrumentRules], now: datetime) -> None:
    """What the venue says of its instruments holds from now on."""
    for item in rules:
        keep_rules(chosen.venue_id, item)
    VenueFeed.objects.filter(pk=chosen.pk).update(instruments_at=now)


@db.transaction
def mark_well(chosen: VenueFeed, now: datetime) -> bool:
    """It brought what it was asked for. True = it had not before."""
    rows = VenueFeed.objects.filter(pk=chosen.pk)
    changed = rows.exclude(state=VenueFeed.State.WELL).update(
        state=VenueFeed.State.WELL, state_since=now
    )
    rows.update(failures=0, words="", retry_at=None, answered_at=now)
    metrics.FEED_IS_WELL.labels(chosen.venue_id).set(1)
    if changed:
        log.info("the feed of %s is well", chosen.venue_id)
    return bool(changed)


@db.transaction
def mark_failed(chosen: VenueFeed, failed: FeedFailed, now: datetime) -> datetime | None:
    """Write the failure down; until when the venue is left alone (None = ask at the next close)."""
    row = VenueFeed.objects.select_for_update().get(pk=chosen.pk)
    if row.state != failed.failure.value:
        row.state, row.state_since = failed.failure.value, now
        log.warning("the feed of %s is %s: %s", row.venue_id, failed.failure.value, failed.words)
    row.failures += 1
    row.words = failed.words[:300]
    row.retry_at = None if failed.failure.is_of_one_instrument else now + _backoff(row, failed)
    row.save()
    metrics.FEED_IS_WELL.labels(row.venue_id).set(0)
    metrics.FEED_FAILURES.labels(row.venue_id, failed.failure.value).inc()
    return row.retry_at


def _backoff(row: VenueFeed, failed: FeedFailed) -> timedelta:
    limited = failed.failure is Failure.RATE_LIMITED
    first = FIRST_BACKOFF_RATE_LIMITED if limited else FIRST_BACKOFF
    doublings = min(row.failures - 1, 10)
    ours = min(first * (1 << doublings), LONGEST_BACKOFF)
    return max(ours, min(failed.retry_after or ours, LONGEST_RETRY_AFTER))
