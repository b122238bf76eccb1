"""READ FIRST. One closed candle, from the market to people's positions.

Each line of `_take` commits before the next begins. Each is guarded by a unique row or a
compare-and-swap, so that whoever is killed anywhere, the next to come takes the same candle through
again and only what was missing happens. Nothing here waits for a network.
"""

from datetime import datetime

from django.utils import timezone

from apps.common import logs
from apps.execution.services import (
    black_swans,
    cancelling,
    closes,
    excursions,
    exits,
    fan_out,
    funding,
    ladders,
    late,
    measuring,
    orders,
    paper,
    positions,
    regimes,
    software_stops,
)
from apps.execution.services.closes import Close
from apps.risk import services as risk
from apps.strategies import selectors as strategies
from apps.strategies import services as runs


def close_candles(venue: str, now: datetime, *, wait: bool = False) -> int:
    """Take every candle of the venue that has closed by `now` through the whole path, once, in
    order.

    `now` is the venue's clock: the wall for real markets, the simulated one for replays. Any
    number of processes may call it at the same time; one does the work, the others return 0 (or
    wait for it).
    """
    with closes.one_closer(venue, wait=wait) as is_ours:
        if not is_ours:
            return 0
        due = closes.due(venue, now)
        for close in due:
            with logs.bound(venue=venue, close=close.time):
                _take(close)
        closes.measure_lag(venue, now, due)
        return len(due)


def _take(close: Close) -> None:
    cancelling.cancel_stopped_entries(close.venue, close.time)  #    who pauses enters nothing more
    exits.withdraw()  #    and what no switch closes any more is kept
    late.meet(close)  #    what came late is met before what comes now
    paper.match_at_open(close)  # 1. market orders fill at the open; stops and targets are written,
    _submit(close)  #    stand at once,
    if paper.match_inside(close):  #    and may be reached by the same candle;
        _submit(close)  #    so may the stops of what was opened inside it
        paper.match_inside(close)
    funding.charge(close)
    excursions.measure(close)
    measuring.measure(close)  #    who has lost too much by now enters nothing more,
    risk.expire(timezone.now())  #    and what was stopped until now, by its own clock
    cancelling.expire_ended(close.venue, close.time)  #    orders of a session that is over
    exits.leave(close)  # 2. exits that we hold ourselves: of the whole,
    software_stops.watch_candles(close)  #    by stops that no venue holds,
    ladders.climb(close)  #    step by step, with the stop coming nearer
    _submit(close)  #    they wait for nothing that is looked at below
    black_swans.watch(close)  # what moves like hardly ever nobody enters, until it is calm again
    closes.record_misses(close)
    regimes.record(close)  # what kind of market it is, for those who look
    for timeframe in sorted(close.latest, key=lambda frame: frame.minutes):
        instruments = close.instruments[timeframe]
        holders = positions.still_holding(instruments)
        runs.look_and_record(  # 3. look, once each
            close.venue, timeframe, close.time, instruments, still_holding=holders
        )
    for version_id in strategies.versions_undecided(close.venue, close.time):
        # 4. a decision for everybody, 5. and its order
        fan_out.fan_out(version_id, close.time, in_turn=True)
    _submit(close)  # 6. sent; paper matches it on the next candle
    closes.finish(close)


def _submit(close: Close) -> None:
    orders.submit_pending(close.venue, close.time)
