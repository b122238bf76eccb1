"""Somebody for whom nothing can be decided: our mistake, or a row that nothing can be made of.
Everybody else is decided without them, and their receipts say what happened.
"""

import logging
from collections.abc import Mapping, Sequence, Set
from datetime import datetime, timedelta

from apps.common import db
from apps.execution.models import Position
from apps.execution.services import cancelling
from apps.execution.services.accounts import lock_people
from apps.execution.services.flattening import flatten
from apps.execution.services.placing import Terms
from apps.market import selectors as market
from apps.risk import services as risk
from apps.risk.models import Decision
from apps.risk.services import Undecided
from apps.strategies.models import StrategySubscription
from trading.exits import ExitReason
from trading.signals import Direction, entry_side

logger = logging.getLogger(__name__)
# Where nobody could be decided, the mistake may be mended, or what was missing may come.
PATIENCE = timedelta(minutes=5)


def give_up(
    terms: Mapping[int, Terms],
    expected: Mapping[int, Set[int]],
    close_time: datetime,
    subscription_ids: Sequence[int],
) -> None:
    """Tell of one person's subscriptions that failed by themselves. They are left for another try
    until the venue's next close, and where nobody else could be decided either, a while longer. So
    long nothing later is decided there. Then what a signal would close is closed at market, for
    which nothing has to be decided, and each signal gets a receipt that says what went wrong.

    `terms` and `expected` (ids of subscriptions) are by signal.
    """
    logger.error("nobody can decide for the subscriptions %s at %s", subscription_ids, close_time)
    if not _is_over(terms, close_time):
        return
    for asked in terms.values():
        _leave(asked, expected[asked.signal.pk] & set(subscription_ids))
    _record(terms, expected, close_time, subscription_ids)


def _is_over(terms: Mapping[int, Terms], close_time: datetime) -> bool:
    first = next(iter(terms.values()))
    since = market.market_now(first.signal.instrument.venue_id) - close_time
    if since <= timedelta(0):
        return False
    return since >= PATIENCE or Decision.objects.filter(signal_id__in=terms).exists()


def _leave(terms: Terms, subscription_ids: Set[int]) -> None:
    action, instrument = terms.asked.action, terms.asked.instrument
    if action.is_entry or not subscription_ids:
        return
    held = Position.objects.filter(
        subscription_id__any_of=subscription_ids, instrument_id=instrument
    )
    is_long = action.direction is Direction.LONG
    flatten(
        held.filter(quantity__gt=0) if is_long else held.filter(quantity__lt=0), ExitReason.SIGNAL
    )


@db.transaction
def _record(
    terms: Mapping[int, Terms],
    expected: Mapping[int, Set[int]],
    close_time: datetime,
    subscription_ids: Sequence[int],
) -> None:
    rows = StrategySubscription.objects.filter(pk__any_of=subscription_ids).order_by("pk")
    lock_people(rows.values_list("user_id", flat=True))
    made = Decision.objects.filter(signal_id__in=terms, subscription_id__any_of=subscription_ids)
    decided = set(made.values_list("signal_id", "subscription_id"))
    lost = [
        (asked, row)
        for row in rows
        for asked in terms.values()
        if row.pk in expected[asked.signal.pk] and (asked.signal.pk, row.pk) not in decided
    ]
    leaving = [(asked.asked, row.pk) for asked, row in lost if not asked.asked.action.is_entry]
    cancelling.withdraw(
        ((pk, its.instrument, entry_side(its.action.direction)) for its, pk in leaving), close_time
    )
    risk.record_undecided([_undecided(asked, row) for asked, row in lost], close_time)


def _undecided(terms: Terms, row: StrategySubscription) -> Undecided:
    asked = terms.asked
    return Undecided(
        row.user_id, terms.signal.pk, row.pk, row.account_id, asked.instrument, row.mode,
        asked.action, asked.price,
    )  # fmt: skip
