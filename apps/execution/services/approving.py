"""The owner's word on an entry that waits for it. Approved, it is decided again with the facts of
now, under the same locks and by the same gates as the first time; the order, if that is the answer,
is of the same transaction and bears the decision's name: there can be only one.
"""

from datetime import UTC, datetime
from decimal import Decimal

from django.utils import timezone

from apps.accounts.models import User
from apps.common import db
from apps.execution.models import Approval
from apps.execution.services import approvals, fan_out, halting
from apps.execution.services.accounts import lock_people
from apps.execution.services.facts import count_entries, read_facts
from apps.execution.services.markets import Around, look_around
from apps.execution.services.ordering import write_orders_of
from apps.execution.services.orders import submit_pending
from apps.execution.services.placing import Terms, terms_of
from apps.market import selectors as market
from apps.market.models import Instrument
from apps.risk import services as risk
from apps.risk.services import Judged
from trading.autonomy import Moment, decide_again, held_back
from trading.candles import in_candles
from trading.gates.execution_mode import ExecutionMode
from trading.gates.values import Outcome


@db.durable
def approve(approval: Approval, *, by: User) -> Approval:
    """As it is then: approved, with the outcome of the second decision. What is ordered is sent.

    Raises Conflict APPROVAL_EXPIRED, APPROVAL_WITHDRAWN or APPROVAL_ANSWERED.
    """
    venue = approval.decision.instrument.venue_id
    since = timezone.now()
    acting = market.acting_at(venue, since)
    approvals.refuse_answered(approval, acting)
    terms = terms_of(approval.decision.signal, acting)
    around = look_around([terms], market.market_now(venue))[terms.signal.pk]
    now, judged = _approve(approval, terms, around, by.email)
    if tripping := risk.found_in([judged]):
        halting.trip_found(tripping, clock=venue, at=now, since=since)
    found = Approval.objects.get(pk=approval.pk)
    if found.outcome == Outcome.ORDERED:
        submit_pending(venue, now)
    return found


def decline(approval: Approval, *, by: User) -> Approval:
    """Raises Conflict as `approve` does."""
    now = market.acting_at(approval.decision.instrument.venue_id, timezone.now())
    approvals.refuse_answered(approval, now)
    approvals.decline(approval, now=now, by=by.email)
    return Approval.objects.get(pk=approval.pk)


@db.transaction
def _approve(approval: Approval, terms: Terms, around: Around, by: str) -> tuple[datetime, Judged]:
    decision, signal = approval.decision, terms.signal
    instrument = signal.instrument
    lock_people([decision.user_id])
    # Not before: the lock may have waited for a close. What has closed is known by the venue's
    # clock; who acts does so later, and meets no price from before.
    now, wall = market.market_now(instrument.venue_id), timezone.now()
    acting = market.acting_at(instrument.venue_id, wall)
    facts = read_facts(signal.version, [decision.subscription_id], [signal], now, wall)
    price: Decimal | None = market.latest_prices([instrument.pk], now).get(instrument.pk)
    (subscriber,) = facts.subscribers
    seen = around.seen(subscriber.mode, wall, now)
    question = fan_out.question_about(facts, subscriber, terms, seen, around.apart)
    moment = Moment(
        now=acting,
        price=price,
        candle_age=_candle_age(instrument, now, acting),
        signal_age=acting - signal.candle_close_time,
        lasts=approvals.lasts(),
    )
    fresh, answer = decide_again(question, moment, approved=decision.quantity)
    if subscriber.execution is ExecutionMode.WATCH:  # its owner has changed it since
        answer = held_back(answer, fresh.asked.action, subscriber.execution)
    judged = fan_out.settled(facts, subscriber, terms, fresh, answer)
    approvals.claim(approval, acting, judged, price, by)
    count_entries(facts)
    write_orders_of([(decision.pk, judged)], {signal.pk: terms}, acting)
    return now, judged


def _candle_age(instrument: Instrument, now: datetime, acting: datetime) -> Decimal | None:
    """Of the last price by the venue's clock, in its finest candles; None where there is none."""
    finest = market.finest(instrument.venue_id)
    series = market.series([instrument.pk], finest, now, 1).get(instrument.pk)
    if series is None:
        return None
    closed = datetime.fromtimestamp(int(series.close_times[-1]), tz=UTC)
    return in_candles(acting - closed, finest)
