"""What a person or a client orders themselves: a signal of their own, which enters where those of
strategies do. The same gates, locks and receipts; a size above a cap is denied, not cut down.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import transaction
from django.utils import timezone

from apps.common import db
from apps.common.errors import Refused
from apps.execution.models import Order
from apps.execution.services import halting
from apps.execution.services.accounts import lock_people
from apps.execution.services.fan_out import decide_signals, judge_signals
from apps.execution.services.orders import submit_pending
from apps.execution.services.tickets import Said, Ticket, action_of, say
from apps.risk import services as risk
from apps.risk.models import Decision
from apps.strategies import services as strategies
from apps.strategies.models import Signal
from trading.gates.values import Outcome
from trading.signals import Action

NOT_KEPT = 0  # stands for the id of a signal that is only asked about


class Receipt(NamedTuple):
    """`is_new` is False where the same was asked before; a decision that was only asked about has
    no id."""

    decision: Decision
    orders: Sequence[Order] = ()
    is_new: bool = True

    @property
    def is_ordered(self) -> bool:
        return self.decision.outcome == Outcome.ORDERED


@db.durable
def place(ticket: Ticket, *, key: str) -> Receipt:
    """Decide it, write its order and send it. The same key again is answered with the first
    receipt; keys are the user's own.

    Raises Refused KEY_USED where the key came with something else, NO_PRICE, NO_MARKET_CLOCK,
    SIZE_NOT_SAID, QUANTITY_BELOW_MINIMUM, EXIT_AT_MARKET, TICKET_NOT_USABLE.
    """
    source_key = f"{ticket.account.user_id}:{key}"
    earlier = _earlier(ticket, source_key)
    if earlier is not None:
        was = earlier.decision
        halting.trip_again([was.signal_id], clock=ticket.instrument.venue_id, at=was.decided_at)
        return earlier
    since = timezone.now()
    said = say(ticket, source_key)
    receipt, found, now = _decide(ticket, said)
    if found:
        halting.trip_found(found, clock=ticket.instrument.venue_id, at=now, since=since)
    if receipt.is_new and receipt.orders:
        submit_pending(ticket.instrument.venue_id, now)
        receipt = _receipt(receipt.decision.pk)
    return receipt


def what_if(ticket: Ticket) -> Receipt:
    """The receipt that `place` would give now. Nothing is written, nothing is told, and no key is
    used up. Raises Refused as `place` does."""
    return _ask(ticket, say(ticket, ""))


def closes(ticket: Ticket) -> bool:
    """Whether it would only leave what is held by hand, as things stand."""
    return not action_of(ticket).is_entry


@db.transaction
def _decide(ticket: Ticket, said: Said) -> tuple[Receipt, list[risk.Found], datetime]:
    """With what its refusals trip, and when on the venue's clock."""
    lock_people([ticket.account.user_id])
    earlier = _earlier(ticket, said.signal.source_key)  # of who held the lock before
    if earlier is not None:
        return earlier, [], said.now
    said = said.at_last(ticket)
    subscription = strategies.subscription_by_hand(ticket.account)
    strategies.record_by_hand(said.signal, subscription)
    ((decision_id, judged),) = decide_signals(said.put_to(subscription.pk), [subscription.pk])
    return _receipt(decision_id), risk.found_in([judged]), said.now


@db.savepoint
def _ask(ticket: Ticket, said: Said) -> Receipt:
    """Under the same locks; all that the reading of facts begins, days and rows of states, is
    undone."""
    lock_people([ticket.account.user_id])
    said = said.at_last(ticket)
    subscription = strategies.subscription_by_hand(ticket.account)
    said.signal.pk, said.signal.version = NOT_KEPT, subscription.version
    _, (judged,) = judge_signals(said.put_to(subscription.pk), [subscription.pk])
    transaction.set_rollback(True)
    decision = risk.as_decision(judged, said.now)
    decision.signal, decision.instrument = said.signal, ticket.instrument
    decision.account = ticket.account
    return Receipt(decision)


def _earlier(ticket: Ticket, source_key: str) -> Receipt | None:
    rows = Decision.objects.filter(
        signal__source=Signal.Source.MANUAL, signal__source_key=source_key
    ).select_related("signal")
    decision = rows.first()
    if decision is None:
        return None
    signal = decision.signal
    was = (
        decision.account_id, signal.instrument_id, Action(signal.action).side, signal.wanted,
        signal.limit_price, signal.stop_price, signal.target_price,
    )  # fmt: skip
    same = (
        ticket.account.pk, ticket.instrument.pk, ticket.side,
        ticket.units(signal.reference_price),
        ticket.limit_price, ticket.stop_price, ticket.target_price,
    )  # fmt: skip
    opens = Action(signal.action).is_entry
    if was != same or (ticket.reduces and opens):
        key = source_key.partition(":")[2]
        raise Refused("KEY_USED", f"Something else was asked for by the key '{key}'.")
    return _receipt(decision.pk)._replace(is_new=False)


def _receipt(decision_id: int) -> Receipt:
    decisions = Decision.objects.select_related("signal", "instrument", "account", "limits")
    orders = Order.objects.filter(decision_id=decision_id).select_related("instrument")
    return Receipt(decisions.get(pk=decision_id), list(orders.order_by("id")))
