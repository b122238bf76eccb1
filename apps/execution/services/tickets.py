"""What somebody typed, and the signal that it becomes: before any lock is held."""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple, Self

from django.utils import timezone

from apps.brokers.models import BrokerAccount
from apps.common.errors import Refused
from apps.execution.models import Order, Position
from apps.execution.services.asking import Asking
from apps.execution.services.markets import Around, Newest, as_of, look_around
from apps.execution.services.placing import Terms, terms_of
from apps.market import selectors as market
from apps.market.models import Candle, Instrument
from apps.strategies import services as strategies
from apps.strategies.models import Signal
from apps.strategies.rows import row_by_hand
from trading import signals as opinions
from trading.candles import Timeframe, in_candles
from trading.money import ONE
from trading.order_kinds import OrderType
from trading.orders import OPEN, Leg
from trading.signal_checks import checked
from trading.signals import Action, EntryPlan, ExitPlan, Side, SignalNotUsable

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


class Said(NamedTuple):
    """A ticket as a signal, with what must be read before any lock is held."""

    terms: Terms
    around: Around
    now: datetime  # on the venue's clock
    placed_at: datetime  # as `MarketClock.acting_at`

    @property
    def signal(self) -> Signal:
        return self.terms.signal

    def at_last(self, ticket: Ticket) -> Self:
        """As things stand once the locks are held: who waited for them may have waited through a
        close. Its price is as old as it is for who orders. Raises Refused TICKET_NOT_USABLE where
        its stop or target has been passed."""
        now, last = _last_price(ticket.instrument)
        acting = market.acting_at(ticket.instrument.venue_id, timezone.now())
        if (now, acting) == (self.now, self.placed_at):
            return self
        signal, facts = self.signal, self.around.facts
        _checked(ticket, Action(signal.action), last.close)
        asked = terms_of(signal, acting).asked._replace(price=last.close)
        if asked.action.is_entry:
            timeframe = Timeframe(last.timeframe)
            age = in_candles(acting - last.open_time - timeframe.duration, timeframe)
            facts = as_of(Newest(acting, last.close, age), facts)
        around = replace(self.around, facts=facts)
        return self._replace(terms=Terms(signal, asked), around=around, now=now, placed_at=acting)

    def put_to(self, subscription_id: int) -> Asking:
        key = self.signal.pk
        return Asking(
            {key: self.terms},
            {key: self.around},
            {key: {subscription_id}},
            self.now,
            placed_at=self.placed_at,
        )


def say(ticket: Ticket, source_key: str) -> Said:
    instrument = ticket.instrument
    now, last = _last_price(instrument)
    wanted = ticket.units(last.close)
    if wanted <= 0:
        least = instrument.quantity_increment
        raise Refused("QUANTITY_BELOW_MINIMUM", f"The smallest step is {least.normalize():f}.")
    if not ticket.is_countable(wanted, last.close):
        if action_of(ticket).is_entry:
            raise Refused("TICKET_NOT_USABLE", "It is more than can be counted: order less.")
        wanted = min(wanted, MOST)  # at most what is held leaves
    signal = row_by_hand(
        strategies.version_by_hand(),
        instrument,
        _opinion(ticket, last.close),
        source_key=source_key,
        wanted=wanted,
        close_time=last.open_time + Timeframe(last.timeframe).duration,
    )
    terms = terms_of(signal, now)
    return Said(terms, look_around([terms], now)[signal.pk], now, placed_at=now)


def _last_price(instrument: Instrument) -> tuple[datetime, Candle]:
    """The venue's time, and the last candle by then."""
    now, last = market.market_now(instrument.venue_id), market.last_candle(instrument)
    if last is None:
        raise Refused("NO_PRICE", f"No price of {instrument.symbol} is known.")
    return now, last


def _opinion(ticket: Ticket, price: Decimal) -> opinions.Signal:
    return _checked(ticket, action_of(ticket), price)


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


def action_of(ticket: Ticket) -> Action:
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
