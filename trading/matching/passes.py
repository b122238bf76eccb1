"""One pass of a candle over the orders of a book, in the order in which it comes to them."""

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

from trading.candles import Candle
from trading.instruments import InstrumentRules
from trading.matching.amounts import most_of, opened_with
from trading.matching.book import (
    FOK_UNFILLED,
    INSUFFICIENT_FUNDS,
    IOC_UNFILLED,
    NOTHING_TO_REDUCE,
    OCO_SIBLING_FILLED,
    POST_ONLY_WOULD_TAKE,
    SESSION_ENDED,
    Book,
    Matched,
    Moved,
)
from trading.matching.prices import (
    Touch,
    is_reached_at_open,
    is_reached_inside,
    touch,
    works_as,
    would_take,
)
from trading.matching.trailing import tightened, trigger_of
from trading.money import ZERO
from trading.order_kinds import STOPS
from trading.orders import (
    FillReport,
    OrderReport,
    OrderStatus,
    OrderTicket,
    OrderType,
    TimeInForce,
)
from trading.signals import Side

AT_OPEN = frozenset({OrderType.MARKET})
INSIDE = frozenset(OrderType) - AT_OPEN
_AT_ONCE = {TimeInForce.IOC: IOC_UNFILLED, TimeInForce.FOK: FOK_UNFILLED}


def match_at_open(book: Book, candle: Candle) -> Matched:
    """Fill the market orders at the open of the candle, in the order of the book."""
    return _Pass(book, candle).over(order for order in book.orders if order.order_type in AT_OPEN)


def match_inside(book: Book, candle: Candle) -> Matched:
    """Fill the stops and limits that the candle reaches, stops first."""
    return _Pass(book, candle).over(order for order in book.orders if order.order_type in INSIDE)


def concerns(order: OrderTicket, candle: Candle, rules: InstrumentRules) -> bool:
    """Most orders only wait, and the candle passes them by."""
    return (
        order.time_in_force is not TimeInForce.GTC
        or order.order_type is OrderType.TRAILING_STOP_MARKET
        or is_reached_inside(order, candle, rules)
    )


class _Pass:
    def __init__(self, book: Book, candle: Candle) -> None:
        self.book = book
        self.candle = candle
        self.fills: list[FillReport] = []
        self.reports: list[OrderReport] = []
        self.moves: list[Moved] = []
        self.ended: set[str] = set()
        self.done_groups: dict[str, str] = {}  # and the order that did it
        self.entered: dict[str, Decimal] = {}  # by the order that names a group: filled just now

    def over(self, orders: Iterable[OrderTicket]) -> Matched:
        concerned = (each for each in orders if concerns(each, self.candle, self.book.rules))
        for order in sorted(concerned, key=self._turn):
            self._meet(order)
        for order in self.book.orders:
            if self._is_left(order):
                self._end(order, OrderStatus.CANCELED, OCO_SIBLING_FILLED)
        return Matched(tuple(self.fills), tuple(self.reports), tuple(self.moves))

    def _turn(self, order: OrderTicket) -> tuple[bool, int, Decimal]:
        """At the open before inside. At market, what leaves before what enters. Inside, stops
        before limits, and of the stops the one that the price comes to first. A trailing stop that
        only this candle pulls near enough comes last: the price was at its best before it came
        back."""
        waits = not is_reached_at_open(order, self.candle, self.book.rules)
        kind = works_as(order)
        if kind is OrderType.MARKET:
            return waits, 0, ZERO if order.reduce_only else Decimal(1)
        if kind is OrderType.LIMIT:
            return waits, 2, ZERO
        trigger = trigger_of(order, self.candle, self.book.rules) or ZERO
        way = trigger if order.side is Side.BUY else -trigger
        is_stopped = is_reached_inside(order, self.candle, self.book.rules)
        return waits, 1 if is_stopped else 3, way

    def _meet(self, order: OrderTicket) -> None:
        if self._is_left(order):
            self._end(order, OrderStatus.CANCELED, OCO_SIBLING_FILLED)
        elif order.expire_time is not None and self.candle.close_time > order.expire_time:
            self._end(order, OrderStatus.EXPIRED, SESSION_ENDED)
        elif order.post_only and would_take(order, self.candle, self.book.rules):
            self._end(order, OrderStatus.REJECTED, POST_ONLY_WOULD_TAKE)
        else:
            self._try(self._grown(order))

    def _try(self, order: OrderTicket) -> None:
        slippage = self.book.slippage_bps.get(order.account, 0)
        found = touch(order, self.candle, self.book.rules, slippage)
        if found is None:
            self._not_filled(order)
            return
        if order.oco_group in self.entered and order.order_type is OrderType.LIMIT:
            return  # entered inside this candle: the better price may have been there before
        order = self._priced(order, found)
        quantity = self._fillable(order)
        if quantity is None:
            self._end(order, OrderStatus.CANCELED, NOTHING_TO_REDUCE)
        elif not quantity:
            self._not_filled(order)
        else:
            self._fill(order, quantity, found)

    def _priced(self, order: OrderTicket, found: Touch) -> OrderTicket:
        """An order for all the money that is free gets the quantity that it opens at this price."""
        if not order.takes_all:
            return order
        free = self.book.free_cash.get(order.account, ZERO)
        free += self.book.reserved.get(order.client_order_id, ZERO)
        fee = self.book.rules.maker_fee if found.is_maker else self.book.rules.taker_fee
        quantity = opened_with(free, order.side, found.price, fee, self.book.rules)
        return replace(order, quantity=max(quantity, ZERO))

    def _fillable(self, order: OrderTicket) -> Decimal | None:
        """How much of it this candle fills; None = it is to reduce where nothing is. What enters
        against a position that has not left yet would only take that down: it fills nothing."""
        quantity, against = order.quantity, self._against(order)
        if order.reduce_only:
            quantity = min(quantity, against)
            if quantity <= 0:
                return None
        elif against:
            return ZERO
        most = most_of(order, self.candle, self.book.rules, self.book.participation)
        if most is not None:
            quantity = min(quantity, most)
        if order.time_in_force is TimeInForce.FOK and quantity < order.quantity:
            return ZERO
        return quantity

    def _not_filled(self, order: OrderTicket) -> None:
        """What becomes of an order that got nothing: it waits, unless it was to fill at once."""
        code = _AT_ONCE.get(order.time_in_force)
        if code is not None:
            self._end(order, OrderStatus.CANCELED, code)
        elif order.is_triggered or order.order_type not in STOPS:
            return
        elif is_reached_inside(order, self.candle, self.book.rules):
            self.reports.append(_report(order, OrderStatus.TRIGGERED))
        elif order.order_type is OrderType.TRAILING_STOP_MARKET:
            self._trail(order)

    def _trail(self, order: OrderTicket) -> None:
        trigger = trigger_of(order, self.candle, self.book.rules)
        if trigger is None:
            return
        followed = tightened(order, trigger, self.candle, self.book.rules)
        if followed != order.trigger_price:
            self.moves.append(Moved(order.client_order_id, followed))

    def _fill(self, order: OrderTicket, quantity: Decimal, found: Touch) -> None:
        commission = self.book.pay(order, quantity, found.price, is_maker=found.is_maker)
        if commission is None:
            # What has traded cannot be rejected any more.
            status = OrderStatus.CANCELED if order.filled else OrderStatus.REJECTED
            self._end(order, status, INSUFFICIENT_FUNDS)
            return
        self.fills.append(self._report(order, quantity, found, commission))
        if not order.reduce_only:
            self.entered[order.client_order_id] = quantity
        is_flat = not self.book.positions[order.position]
        left = order.quantity - quantity
        if order.oco_group and (not order.reduce_only or not left or is_flat):
            self.done_groups[order.oco_group] = order.client_order_id
        if not left:
            self.ended.add(order.client_order_id)
        elif order.time_in_force is TimeInForce.IOC:
            self._end(order, OrderStatus.CANCELED, IOC_UNFILLED)
        elif order.reduce_only and is_flat:
            self._end(order, OrderStatus.CANCELED, NOTHING_TO_REDUCE)

    def _report(
        self, order: OrderTicket, quantity: Decimal, found: Touch, commission: Decimal
    ) -> FillReport:
        return FillReport(
            client_order_id=order.client_order_id,
            venue_trade_id=f"{order.client_order_id}-{int(self.candle.close_time.timestamp())}",
            side=order.side,
            quantity=quantity,
            price=found.price,
            commission=commission,
            # At the open or somewhere inside: the open is the latest moment that is certain.
            filled_at=self.candle.open_time,
            is_maker=found.is_maker,
        )

    def _against(self, order: OrderTicket) -> Decimal:
        """Units of its position that it is opposed to."""
        held = self.book.positions.get(order.position, ZERO)
        return max(ZERO, held if order.side is Side.SELL else -held)

    def _grown(self, order: OrderTicket) -> OrderTicket:
        """An exit covers what its entry has filled in this same pass, too."""
        entered = self.entered.get(order.oco_group)
        if entered is None or not order.reduce_only:
            return order
        return replace(order, quantity=order.quantity + entered)

    def _is_left(self, order: OrderTicket) -> bool:
        """Whether another of its group was filled, or one of the exits of what it entered."""
        name = order.client_order_id
        if name in self.ended:
            return False
        done_by = self.done_groups.get(order.oco_group) or self.done_groups.get(name)
        return done_by is not None and done_by != name

    def _end(self, order: OrderTicket, status: OrderStatus, code: str) -> None:
        self.ended.add(order.client_order_id)
        self.reports.append(_report(order, status, code))
        self.book.release(order)


def _report(order: OrderTicket, status: OrderStatus, code: str = "") -> OrderReport:
    return OrderReport(order.client_order_id, "", status, code)
