"""One position: what is held and what it would take to leave, its orders, fills and round trips."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from apps.accounts.models import User
from apps.common.numbers import places_of
from apps.dashboard.protection_words import protection_words
from apps.dashboard.selectors.ends import Ends, ends
from apps.dashboard.selectors.trades import REASONS
from apps.execution.models import Fill, Order, Position, Trade
from apps.execution.protected import protections
from apps.market import selectors as market
from apps.market.models import MarketClock
from trading.candles import Timeframe, floor_time
from trading.excursions import Excursions, excursions
from trading.exits import ExitReason
from trading.ledger import PositionState, break_even_price
from trading.margin import locked
from trading.money import ZERO
from trading.orders import OPEN, Leg
from trading.signals import Direction

SHOWN = 50


@dataclass(frozen=True, slots=True)
class OpenHolding:
    """What is held now. `last`, and what follows from it, is None where no price is known."""

    direction: Direction
    average_entry: Decimal
    break_even: Decimal
    last: Decimal | None
    excursions: Excursions | None
    unrealised_pnl: Decimal | None  # before the fee of leaving
    liquidation: Decimal | None  # of a short on paper: where the venue closes it
    margin: Decimal  # what it keeps of the cash beside what it was sold for


class RoundTrip(NamedTuple):
    """With the words for why it was left, and the orders that began and ended it."""

    trade: Trade
    reason: str
    began_by: Order | None
    ended_by: Order | None


@dataclass(frozen=True, slots=True)
class PositionDetail:
    """`holding` is None while the position is flat. Fills and round trips are the latest ones."""

    position: Position
    now: datetime
    protected_by: str
    holding: OpenHolding | None
    orders: Sequence[Order]
    fills: Sequence[Fill]
    trades: Sequence[Trade]
    ends: Ends

    @property
    def price_places(self) -> int:
        return places_of(self.position.instrument.price_increment)

    @property
    def round_trips(self) -> list[RoundTrip]:
        return [
            RoundTrip(
                trade,
                REASONS[ExitReason(trade.exit_reason)],
                self.ends.entry(trade.opened_at),
                self.ends.exit(trade.closed_at),
            )
            for trade in self.trades
        ]

    @property
    def opened_by(self) -> Order | None:
        """The order that began what is held."""
        return self.ends.entry(self.position.opened_at)


def position_detail(user: User, pk: int) -> PositionDetail | None:
    """None where the user has no such position."""
    own = Position.objects.of(user).filter(pk=pk)
    position: Position | None = own.select_related(
        "instrument", "account__venue", "subscription__version__strategy"
    ).first()
    if position is None:
        return None
    clock = MarketClock.objects.get(venue_id=position.account.venue_id)
    orders = Order.objects.of(user).filter(
        account=position.account_id,
        subscription=position.subscription_id,
        instrument=position.instrument_id,
    )
    fills = Fill.objects.of(user).filter(order__in=orders).select_related("order__exit")
    trades = list(Trade.objects.of(user).filter(position=position).order_by("-sequence")[:SHOWN])
    orders = orders.select_related("exit")
    standing = list(orders.filter(status__in=sorted(OPEN)).order_by("id"))
    return PositionDetail(
        position=position,
        now=clock.now,
        protected_by=protection_words(protections(own).get(pk)),
        holding=_holding(position, standing, clock) if position.quantity else None,
        orders=standing,
        fills=list(fills.order_by("-id")[:SHOWN]),
        trades=trades,
        ends=ends(fills, position, trades),
    )


def _holding(position: Position, orders: Sequence[Order], clock: MarketClock) -> OpenHolding:
    instrument = position.instrument
    state = PositionState(
        quantity=position.quantity, cost=position.cost, entry_quantity=position.entry_quantity,
        entry_value=position.entry_value, exit_quantity=position.exit_quantity,
        exit_value=position.exit_value, fees=position.fees, funding=position.funding,
        opened_at=position.opened_at,
    )  # fmt: skip
    direction = Direction.LONG if position.quantity > 0 else Direction.SHORT
    average = position.cost / position.quantity
    last = market.latest_prices([instrument.pk], clock.now).get(instrument.pk)
    return OpenHolding(
        direction=direction,
        average_entry=average,
        break_even=break_even_price(state, instrument.taker_fee),
        last=last,
        excursions=_so_far(position, clock, direction, average),
        unrealised_pnl=None if last is None else position.quantity * last - position.cost,
        liquidation=next(
            (order.trigger_price for order in orders if order.leg == Leg.LIQUIDATION), None
        ),
        margin=locked(position.cost, instrument.initial_margin) + min(position.cost, ZERO),
    )


def _so_far(
    position: Position, clock: MarketClock, direction: Direction, average: Decimal
) -> Excursions | None:
    if position.opened_at is None:
        return None
    finest = Timeframe(clock.timeframe)
    began = floor_time(position.opened_at, finest)
    (seen,) = market.extremes(
        [(position.instrument_id, began, clock.now - finest.duration)], finest
    )
    if seen is None:
        return None
    return excursions(direction, abs(position.quantity), average, *seen)
