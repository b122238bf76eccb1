"""Somebody for whom nothing can be decided: our mistake, or a row that nothing can be made of.
Everybody else is decided without them, and their receipts say what happened.
"""

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from apps.common import db
from apps.execution.models import Position
from apps.execution.services import approvals, cancelling
from apps.execution.services.accounts import lock_people
from apps.execution.services.asking import Asking
from apps.execution.services.flattening import flatten
from apps.execution.services.placing import Terms
from apps.market import selectors as market
from apps.risk import services as risk
from apps.risk.models import Decision
from apps.strategies import services as runs_of
from apps.strategies.models import StrategySubscription
from trading.exits import ExitReason
from trading.gates.deciding import AllTheSame
from trading.signals import Direction, entry_side

logger = logging.getLogger(__name__)
# Where nobody could be decided, the mistake may be mended, or what was missing may come.
PATIENCE = timedelta(minutes=5)


class Lacking(NamedTuple):
    """One signal that has no decision of one subscription."""

    terms: Terms
    row: StrategySubscription

    @property
    def is_exit(self) -> bool:
        return not self.terms.asked.action.is_entry

    @property
    def place(self) -> tuple[int, int, Direction]:
        asked = self.terms.asked
        return self.row.pk, asked.instrument, asked.action.direction


def give_up(asking: Asking, subscription_ids: Sequence[int]) -> None:
    """Tell of one person's subscriptions that failed by themselves. They are left for another try
    for the length of a candle since the first, and where nobody else could be decided either, a
    while longer. So long nothing later is decided at the venue. Then what a signal would close is
    closed at market, for which nothing has to be decided, and each signal gets a receipt that says
    what went wrong.
    """
    logger.error(
        "nobody can decide for the subscriptions %s at %s", subscription_ids, asking.close_time
    )
    now, finest = market.time_at(asking.venue)
    run_ids = {each.signal.run_id for each in asking.terms.values() if each.signal.run_id}
    since = runs_of.note_failing(run_ids, now)
    others_are = Decision.objects.filter(signal_id__in=asking.terms).exists()
    if now - since >= (finest.duration if others_are else PATIENCE):
        _record(asking, subscription_ids)


@db.transaction
def _record(asking: Asking, subscription_ids: Sequence[int]) -> None:
    rows = StrategySubscription.objects.filter(pk__any_of=subscription_ids).order_by("pk")
    lock_people(rows.values_list("user_id", flat=True))
    signals = asking.terms
    made = Decision.objects.filter(signal_id__in=signals, subscription_id__any_of=subscription_ids)
    decided = set(made.values_list("signal_id", "subscription_id"))
    lacking = [
        Lacking(terms, row)
        for row in rows
        for pk, terms in signals.items()
        if row.pk in asking.expected[pk] and (pk, row.pk) not in decided
    ]
    now = market.market_now(asking.venue)  # under the locks: who waited for them is later
    _withdraw((each for each in lacking if each.is_exit), now)
    given_up = [_undecided(each, _all_the_same(each, now)) for each in lacking]
    risk.record_undecided(given_up, asking.close_time)


def _withdraw(exits: Iterable[Lacking], now: datetime) -> None:
    """What waits to enter where its strategy says to leave."""
    left = {each.place for each in exits}
    approvals.withdraw(left, now)
    entering = ((pk, instrument, entry_side(direction)) for pk, instrument, direction in left)
    cancelling.withdraw(entering, now)


def _all_the_same(lacking: Lacking, now: datetime) -> AllTheSame:
    """What is done without a decision."""
    if not lacking.is_exit:
        return AllTheSame.NOTHING_OPENED
    subscription, instrument, direction = lacking.place
    held = Position.objects.filter(subscription_id=subscription, instrument_id=instrument)
    is_long = direction is Direction.LONG
    held = held.filter(quantity__gt=0) if is_long else held.filter(quantity__lt=0)
    if not held.exists():
        return AllTheSame.NOTHING_HELD
    done = flatten(held, ExitReason.SIGNAL, now=now)
    return AllTheSame.CLOSED if done.exits or done.leaving else AllTheSame.NOT_CLOSED


def _undecided(lacking: Lacking, all_the_same: AllTheSame) -> risk.Undecided:
    terms, row = lacking
    asked = terms.asked
    return risk.Undecided(
        row.user_id, terms.signal.pk, row.pk, row.account_id, asked.instrument, row.mode,
        asked.action, asked.price, all_the_same,
    )  # fmt: skip
