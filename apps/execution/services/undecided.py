"""Somebody for whom nothing can be decided: our mistake, or a row that nothing can be made of.
Everybody else is decided without them, and their receipts say what happened.
"""

import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import NamedTuple

from apps.brokers.models import BrokerAccount
from apps.common import db
from apps.common.apart import each_apart, in_halves
from apps.execution.models import Order, Position
from apps.execution.services import approvals, cancelling
from apps.execution.services.accounts import lock_free
from apps.execution.services.asking import Asking
from apps.execution.services.flattening import flatten
from apps.execution.services.placing import Terms
from apps.market import selectors as market
from apps.risk import services as risk
from apps.risk.models import Decision
from apps.strategies import services as runs_of
from apps.strategies.models import Run, StrategySubscription
from trading.candles import floor_time
from trading.exits import ExitReason
from trading.gates.deciding import AllTheSame
from trading.orders import OPEN, Leg
from trading.signals import Direction, entry_side

logger = logging.getLogger(__name__)


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


def note(asking: Asking, subscription_ids: Sequence[int]) -> None:
    """These failed by themselves. They are tried again until the next candle of the venue."""
    _tell(asking, subscription_ids)
    run_ids = {each.signal.run_id for each in asking.terms.values() if each.signal.run_id}
    runs_of.note_failing(run_ids, subscription_ids, market.market_now(asking.venue))


def known(runs: Sequence[Run], venue: str) -> dict[int, bool]:
    """Those that have failed before, by subscription; whether that was in an earlier candle: then
    it is the last try, for what is decided later at the venue waits for what is decided now."""
    if not any(run.failing for run in runs):
        return {}
    now, finest = market.time_at(venue)
    return {
        pk: floor_time(since, finest) < floor_time(now, finest)
        for run in runs
        for pk, since in run.failing_since.items()
    }


def give_up(asking: Asking, subscription_ids: Sequence[int]) -> None:
    """They have failed once more. What a signal would close is closed at market, for which nothing
    has to be decided, and each signal gets a receipt that says what went wrong. Where that fails as
    well as much is done as can be; the receipt is written all the same. Whose account somebody is
    at is left for the next call."""
    _tell(asking, subscription_ids)
    in_halves(partial(_record, asking), subscription_ids, partial(_at_least, asking))


def _tell(asking: Asking, subscription_ids: Sequence[int]) -> None:
    logger.error(
        "nobody can decide for the subscriptions %s at %s", subscription_ids, asking.close_time
    )


def _at_least(asking: Asking, subscription_id: int) -> None:
    each_apart(
        partial(_record, asking, [subscription_id], withdraws=False, closes=closes)
        for closes in (True, False)
    )


@db.transaction
def _record(
    asking: Asking, subscription_ids: Sequence[int], *, withdraws: bool = True, closes: bool = True
) -> None:
    rows = StrategySubscription.objects.filter(pk__any_of=subscription_ids).order_by("pk")
    owners = BrokerAccount.objects.filter(user_id__any_of={row.user_id for row in rows})
    accounts = set(owners.values_list("pk", flat=True))
    if lock_free(accounts) != accounts:
        return
    signals = asking.terms
    made = Decision.objects.filter(signal_id__in=signals, subscription_id__any_of=subscription_ids)
    decided = set(made.values_list("signal_id", "subscription_id"))
    lacking = [
        Lacking(terms, row)
        for row in rows
        for pk, terms in signals.items()
        if row.pk in asking.expected[pk] and (pk, row.pk) not in decided
    ]
    exits = [each for each in lacking if each.is_exit]
    now = market.market_now(asking.venue)
    if withdraws:
        _withdraw(exits, now)
    if closes:
        _close(exits, now)
    done = _done(exits)
    risk.record_undecided([_undecided(each, done) for each in lacking], asking.close_time)


def _withdraw(exits: Iterable[Lacking], now: datetime) -> None:
    """What waits to enter where its strategy says to leave."""
    left = {each.place for each in exits}
    approvals.withdraw(left, now)
    entering = ((pk, instrument, entry_side(direction)) for pk, instrument, direction in left)
    cancelling.withdraw(entering, now)


def _close(exits: Iterable[Lacking], now: datetime) -> None:
    by_market: dict[tuple[int, Direction], set[int]] = {}
    for subscription, instrument, direction in (each.place for each in exits):
        by_market.setdefault((instrument, direction), set()).add(subscription)
    for (instrument, direction), ids in by_market.items():
        held = Position.objects.filter(subscription_id__any_of=ids, instrument_id=instrument)
        is_long = direction is Direction.LONG
        there = held.filter(quantity__gt=0) if is_long else held.filter(quantity__lt=0)
        flatten(there, ExitReason.SIGNAL, now=now)


def _done(exits: Sequence[Lacking]) -> Mapping[tuple[int, int, Direction], AllTheSame]:
    """What became without a decision of each that should be left."""
    ids = {each.row.pk for each in exits}
    positions = Position.objects.filter(subscription_id__any_of=ids).exclude(quantity=0)
    held = {
        (subscription, instrument, Direction.LONG if quantity > 0 else Direction.SHORT)
        for subscription, instrument, quantity in positions.values_list(
            "subscription_id", "instrument_id", "quantity"
        )
    }
    leaving = set(
        Order.objects.filter(
            subscription_id__any_of=ids, leg=Leg.EXIT, status__in=sorted(OPEN)
        ).values_list("subscription_id", "instrument_id")
    )
    return {
        place: AllTheSame.NOTHING_HELD
        if place not in held
        else AllTheSame.CLOSED
        if place[:2] in leaving
        else AllTheSame.NOT_CLOSED
        for place in (each.place for each in exits)
    }


def _undecided(
    lacking: Lacking, done: Mapping[tuple[int, int, Direction], AllTheSame]
) -> risk.Undecided:
    terms, row = lacking
    asked = terms.asked
    all_the_same = done[lacking.place] if lacking.is_exit else AllTheSame.NOTHING_OPENED
    return risk.Undecided(
        row.user_id, terms.signal.pk, row.pk, row.account_id, asked.instrument, row.mode,
        asked.action, asked.price, all_the_same,
    )  # fmt: skip
