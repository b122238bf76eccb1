"""What a person or a client orders themselves: a signal of their own, which enters where those of
strategies do. The same gates, locks and receipts; a size above a cap is denied, not cut down.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple, Self

from django.db import transaction

from apps.brokers.models import BrokerAccount
from apps.common import db
from apps.common.errors import Refused
from apps.execution.models import Order, Position
from apps.execution.services import halting
from apps.execution.services.accounts import lock_people
from apps.execution.services.fan_out import Asking, decide_signals, judge_signals
from apps.execution.services.markets import Around, Newest, as_of, look_around
from apps.execution.services.orders import submit_pending
from apps.execution.services.placing import Terms, terms_of
from apps.market import selectors as market
from apps.market.models import Candle, Instrument
from apps.risk import services as risk
from apps.risk.models import Decision
from apps.strategies import services as strategies
from apps.strategies.models import Signal
from apps.strategies.rows import row_by_hand
from trading import signals as opinions
from trading.candles import Timeframe, in_candles
from trading.gates.values import Outcome
from trading.money import ONE
from trading.order_kinds import OrderType
from trading.orders import OPEN, Leg
from trading.signal_checks import checked
from trading.signals import Action, EntryPlan, ExitPlan, Side, SignalNotUsable

NOT_KEPT = 0  # stands for the id of a signal that is only asked about
LARGEST = Decimal(10**12)  # of each number that is typed
# Of the units and their worth at any price of the ticket: buffers, fees and sums stay below 10^20,
# to which columns hold amounts and arithmetic is exact (trading/money.py).
MOST = Decimal(10**18)


@dataclass(frozen=True, slots=True)
class Ticket:
    """What somebody typed: units, or what they are to be worth in the instrument's currency. With
    a limit it enters at no worse price. What `reduces` never opens anything.
    """

    account: BrokerAccount
    instrument: Instrument
    side: Side
    quantity: Decimal | None = None
    notional: Decimal | None = None
    limit_price: Decimal | None = None
    stop_price: Decimal | None = None
    target_price: Decimal | None = None
    reduces: bool = False

    def units(self, price: Decimal) -> Decimal:
        """On the step, rounded down. Raises Refused SIZE_NOT_SAID."""
        if (self.quantity is None) is (self.notional is None):
            raise Refused("SIZE_NOT_SAID", "Say either a quantity or what it is to be worth.")
        wanted = self.quantity
        if wanted is None:
            wanted = (self.notional or Decimal(0)) / (self.limit_price or price)
        return self.instrument.rules.quantity_down(wanted)

    def is_countable(self, units: Decimal, price: Decimal) -> bool:
        prices = (price, self.limit_price, self.stop_price, self.target_price)
        return units * max(ONE, *(each for each in prices if each is not None)) <= MOST


class Receipt(NamedTuple):
    """`is_new` is False where the same was asked before; a decision that was only asked about has
    no id."""

    decision: Decision
    orders: Sequence[Order] = ()
    is_new: bool = True

    @property
    def is_ordered(self) -> bool:
        return self.decision.outcome == Outcome.ORDERED


class Said(NamedTuple):
    """A ticket as a signal, with what must be read before any lock is held."""

    terms: Terms
    around: Around
    now: datetime  # on the venue's clock

    @property
    def signal(self) -> Signal:
        return self.terms.signal

    def at_last(self, ticket: Ticket) -> Self:
        """As things stand once the locks are held: who waited for them may have waited through a
        close. Raises Refused TICKET_NOT_USABLE where its stop or target has been passed."""
        now, last = _last_price(ticket.instrument)
        if now == self.now:
            return self
        signal, facts = self.signal, self.around.facts
        _checked(ticket, Action(signal.action), last.close)
        asked = terms_of(signal, now).asked._replace(price=last.close)
        if asked.action.is_entry:
            timeframe = Timeframe(last.timeframe)
            age = in_candles(now - last.open_time - timeframe.duration, timeframe)
            facts = as_of(Newest(now, last.close, age), facts)
        return self._replace(
            terms=Terms(signal, asked), around=replace(self.around, facts=facts), now=now
        )

    def put_to(self, subscription_id: int) -> Asking:
        key = self.signal.pk
        return Asking({key: self.terms}, {key: self.around}, {key: {subscription_id}}, self.now)


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
    said = _say(ticket, source_key)
    receipt, found, now = _decide(ticket, said)
    if found:
        halting.trip_found(found, clock=ticket.instrument.venue_id, at=now)
    if receipt.is_new and receipt.orders:
        submit_pending(ticket.instrument.venue_id, now)
        receipt = _receipt(receipt.decision.pk)
    return receipt


def what_if(ticket: Ticket) -> Receipt:
    """The receipt that `place` would give now. Nothing is written, nothing is told, and no key is
    used up. Raises Refused as `place` does."""
    return _ask(ticket, _say(ticket, ""))


def closes(ticket: Ticket) -> bool:
    """Whether it would only leave what is held by hand, as things stand."""
    return not _action(ticket).is_entry


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


def _say(ticket: Ticket, source_key: str) -> Said:
    instrument = ticket.instrument
    now, last = _last_price(instrument)
    wanted = ticket.units(last.close)
    if wanted <= 0:
        least = instrument.quantity_increment
        raise Refused("QUANTITY_BELOW_MINIMUM", f"The smallest step is {least.normalize():f}.")
    if not ticket.is_countable(wanted, last.close):
        raise Refused("TICKET_NOT_USABLE", "It is more than can be counted: order less.")
    signal = row_by_hand(
        strategies.version_by_hand(),
        instrument,
        _opinion(ticket, last.close),
        source_key=source_key,
        wanted=wanted,
        close_time=last.open_time + Timeframe(last.timeframe).duration,
    )
    terms = terms_of(signal, now)
    return Said(terms, look_around([terms], now)[signal.pk], now)


def _last_price(instrument: Instrument) -> tuple[datetime, Candle]:
    """The venue's time, and the last candle by then."""
    now, last = market.market_now(instrument.venue_id), market.last_candle(instrument)
    if last is None:
        raise Refused("NO_PRICE", f"No price of {instrument.symbol} is known.")
    return now, last


def _opinion(ticket: Ticket, price: Decimal) -> opinions.Signal:
    return _checked(ticket, _action(ticket), price)


def _checked(ticket: Ticket, action: Action, price: Decimal) -> opinions.Signal:
    limit = ticket.limit_price
    exits = ExitPlan(stop_price=ticket.stop_price, target_price=ticket.target_price)
    if not action.is_entry and (limit is not None or exits != ExitPlan()):
        raise Refused("EXIT_AT_MARKET", "This closes a position: it leaves at market.")
    plan = EntryPlan() if limit is None else EntryPlan(OrderType.LIMIT, limit)
    try:
        return checked(
            opinions.Signal(ticket.instrument.symbol, action, price, exits, entry_plan=plan)
        )
    except SignalNotUsable as error:
        raise Refused("TICKET_NOT_USABLE", str(error)) from error


def _action(ticket: Ticket) -> Action:
    """A sale closes what was bought by hand, or is on its way; else it opens a short, and the other
    way round. Read before the locks: what it finds under them, the gates judge."""
    buys = ticket.side is Side.BUY
    leaves = Action.EXIT_SHORT if buys else Action.EXIT_LONG
    if ticket.reduces or _is_there(ticket, Side.SELL if buys else Side.BUY):
        return leaves
    return Action.ENTER_LONG if buys else Action.ENTER_SHORT


def _is_there(ticket: Ticket, entered_by: Side) -> bool:
    """Whether the account holds by hand what such an order enters, or is entering it."""
    own = {
        "subscription__is_by_hand": True,
        "account": ticket.account,
        "instrument": ticket.instrument,
    }
    sign = "quantity__gt" if entered_by is Side.BUY else "quantity__lt"
    if Position.objects.filter(**own, **{sign: 0}).exists():
        return True
    entering = Order.objects.filter(**own, leg=Leg.ENTRY, side=entered_by, status__in=sorted(OPEN))
    return entering.exists()
