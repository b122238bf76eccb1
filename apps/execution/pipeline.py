"""READ FIRST. One closed candle, from the market to people's positions, in two halves: orders meet
it, and what follows of it is decided. Whatever becomes of the second, the first goes on from candle
to candle (services/turns.py), so that stops fill.

Each step commits before the next begins. Each is guarded by a unique row or a compare-and-swap, so
that whoever is killed anywhere, the next to come takes the same candle through again and only what
was missing happens. Nothing here waits for a network.
"""

from collections.abc import Callable
from datetime import datetime
from functools import partial

from django.utils import timezone

from apps.common import logs
from apps.common.apart import each_apart
from apps.common.locks import in_this_session
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
    turns,
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
        number = len(due)
        each_apart(in_this_session(turns.steps(due, _protect, _decide)))
        return number


def _protect(close: Close) -> None:
    """What keeps positions safe. No strategy, gate or limit is asked."""
    steps: list[Callable[[], object]] = [
        exits.withdraw,  # what no switch closes any more is kept,
        partial(late.meet, close),  # and what came late is met before what comes now
        partial(_meet, close),
    ]
    with logs.bound(venue=close.venue, close=close.time):
        each_apart(in_this_session(steps))


def _meet(close: Close) -> None:
    here = close.venue, close.time
    submit = partial(orders.submit_pending, *here)
    steps: list[Callable[[], object]] = [
        partial(cancelling.cancel_stopped_entries, *here),  # who pauses enters nothing more
        partial(paper.match_at_open, close),  # 1. market orders fill at the open; stops and targets
        submit,  #    are written, stand at once,
        partial(_match_inside, close),  #    and may be reached by the same candle
        partial(funding.charge, close),
        partial(excursions.measure, close),
        partial(cancelling.expire_ended, *here),  #    orders of a session that is over
        partial(exits.leave, close),  # 2. exits that we hold ourselves: of the whole,
        partial(software_stops.watch_candles, close),  #    by stops that no venue holds,
        partial(ladders.climb, close),  #    step by step, with the stop coming nearer
        submit,
    ]
    each_apart(in_this_session(steps))
    closes.met(close)


def _match_inside(close: Close) -> None:
    if paper.match_inside(close):
        orders.submit_pending(close.venue, close.time)
        paper.match_inside(close)  # so may the stops of what was opened inside it


def _decide(close: Close, now: datetime) -> None:
    """`now`: how far orders have met the venue's candles. Later than the close where deciding it
    has failed before: it is late, and nothing of it is filled from a candle that is over."""
    with logs.bound(venue=close.venue, close=close.time):
        measuring.measure(close, now)  #    who has lost too much by now enters nothing more,
        risk.expire(timezone.now())  #    and what was stopped until now, by its own clock
        black_swans.watch(close)  #    nor anybody what moves like hardly ever, until it is calm
        closes.record_misses(close)
        regimes.record(close)  # what kind of market it is, for those who look
        for timeframe in sorted(close.latest, key=lambda frame: frame.minutes):
            instruments = close.instruments[timeframe]
            holders = positions.still_holding(instruments)
            runs.look_and_record(  # 3. look, once each
                close.venue, timeframe, close.time, instruments, still_holding=holders
            )
        until = fan_out.search_until()
        steps: list[Callable[[], object]] = [  # 4. a decision for everybody, 5. and its order
            partial(fan_out.fan_out, version_id, close.time, in_turn=close.time == now, until=until)
            for version_id in strategies.versions_undecided(close.venue, close.time)
        ]
        steps.append(partial(_send, close, now))
        each_apart(in_this_session(steps))
        closes.decided(close)


def _send(close: Close, now: datetime) -> None:
    """6. sent; paper matches it on the next candle. Where somebody could not be decided and was
    given up, nothing later waits for it."""
    orders.submit_pending(close.venue, now)
    if not strategies.versions_undecided(close.venue, close.time):
        closes.decided(close)
