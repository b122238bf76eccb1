"""The sweep: what a crash, a lost message or a lost answer left half done is found in the database
and finished. It never depends on the broker of messages.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple

from django.utils import timezone

from apps.common import db
from apps.common.apart import each_apart
from apps.common.errors import Refused
from apps.execution import pipeline
from apps.execution.selectors import holes
from apps.execution.services import (
    approvals,
    cancelling,
    exits,
    exposing,
    fan_out,
    halting,
    orders,
    stuck,
)
from apps.market.models import MarketClock
from apps.risk import selectors as risk
from apps.risk import services as risk_acts
from apps.strategies import selectors as strategies
from apps.strategies import services as runs
from apps.strategies.models import Run

# An order whose venue has not answered for this long is asked about.
UNANSWERED_AFTER = timedelta(seconds=5)


class Swept(NamedTuple):
    closes: int
    decisions: int
    orders: int
    answers: int
    cancelled: int
    expired: int


@db.durable
def sweep() -> Swept:
    """Re-drive closes that were broken off, runs short of decisions, orders that were not sent,
    orders without an answer, and what a switch forbids and nobody ended yet. A switch whose end has
    come is reset, and what only a switch was closing is kept once it is; what waits for no candle
    (orders without an answer, the exposure of all) trips one; an entry that has waited too long for
    its owner is not made. Positions have a monitor of their own (monitoring.py). No step waits for
    another, and no venue: what fails is raised when all the rest is done.
    """
    clocks = list(MarketClock.objects.order_by("venue_id"))
    # Up to where each venue's clock was moved: who moved it may have died before taking the close,
    # or found another at work on the one before.
    steps: list[Callable[[], int]] = [
        partial(_at_each, clocks, pipeline.close_candles),
        redrive_undecided,
        partial(_at_each, clocks, orders.submit_pending),
        partial(orders.ask_about_unanswered, UNANSWERED_AFTER),
        lambda: risk_acts.expire(timezone.now()),
        exits.withdraw,
        lambda: stuck.watch_unanswered(timezone.now()),
        lambda: exposing.watch_exposure(timezone.now()),
        cancelling.cancel_halted_entries,
        lambda: halting.drain_all(timezone.now()),
        partial(_expire_approvals, clocks, timezone.now()),
    ]
    closes, made, sent, answers, _, _, _, _, cancelled, _, expired = each_apart(steps)
    return Swept(closes, made, sent, answers, cancelled, expired)


def _at_each(clocks: Sequence[MarketClock], act: Callable[[str, datetime], int]) -> int:
    return sum(each_apart(partial(act, clock.venue_id, clock.now) for clock in clocks))


def _expire_approvals(clocks: Sequence[MarketClock], wall: datetime) -> int:
    ends = (partial(approvals.expire, clock.venue_id, clock.acting_at(wall)) for clock in clocks)
    return sum(each_apart(ends))


def redrive_undecided() -> int:
    """Decide what runs marked as not fully decided still lack."""
    groups, until = strategies.undecided_groups(), fan_out.search_until()
    return sum(each_apart(partial(fan_out.fan_out, *group, until=until) for group in groups))


@db.durable
def redrive_holes() -> int:
    """Look for missing decisions themselves, whatever their runs say, and make them."""
    missing = {hole.run_id for hole in holes()}
    runs.reopen(sorted(missing), now=timezone.now())
    return redrive_undecided()


@db.durable
def redrive(run: Run, *, by: int) -> tuple[int, int]:
    """Make the decisions that this run lacks: (made, still missing). Harmless when it lacks none.

    Raises Refused NOTHING_EXPECTED.
    """
    if not run.expected:
        raise Refused("NOTHING_EXPECTED", "This run gave no signal, so it owes no decision.")
    runs.reopen([run.pk], now=timezone.now(), by=by)
    made = fan_out.fan_out(run.version_id, run.candle_close_time)
    return made, run.expected - risk.decisions_by_run([run]).get(run.pk, 0)
