"""The fill model: what a candle does to working orders. Paper trading and backtests use this one.

The intrabar rule, which every report prints:
- a market order fills at the open of the next candle, slippage against it;
- a stop that the candle opens beyond fills at the open, otherwise at its trigger, slippage against
it;
- a limit that the candle opens beyond fills at the open, otherwise at its limit, without slippage;
- what fills at the open comes before what lies inside the candle;
- where a stop and a target both lie inside one candle, the stop is taken to have come first.

Prices are rounded to the instrument's increment against the order, to no less than one increment
and never beyond a limit. What an order fills is paid from the account's cash at once. An order
that opens and would leave the cash below zero is rejected. One that closes never is: buying back
a short that has gone far enough against us can cost more than there is.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from trading.candles import Candle
from trading.instruments import InstrumentRules
from trading.money import ZERO, cost_up, proceeds_down
from trading.orders import FillReport, OrderReport, OrderStatus, OrderTicket, OrderType
from trading.signals import Side

INSUFFICIENT_FUNDS = "INSUFFICIENT_FUNDS"
OCO_SIBLING_FILLED = "OCO_SIBLING_FILLED"
NOTHING_TO_REDUCE = "NOTHING_TO_REDUCE"

_BPS = Decimal(10_000)
_PRIORITY = {OrderType.MARKET: 0, OrderType.STOP_MARKET: 1, OrderType.LIMIT: 2}


@dataclass(slots=True)
class Book:
    """The venue's side of the accounts for one instrument. Matching changes it.

    `free_cash` and `slippage_bps` are by account, `positions` (signed quantity) by position id.
    `reserved` is what an order's own reservation adds to the free cash of its account.
    """

    rules: InstrumentRules
    orders: Sequence[OrderTicket]
    free_cash: dict[int, Decimal]
    slippage_bps: dict[int, int]
    positions: dict[int, Decimal]
    reserved: dict[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Matched:
    fills: tuple[FillReport, ...]
    reports: tuple[OrderReport, ...]  # cancels and rejections; a fill speaks for itself


def match_at_open(book: Book, candle: Candle) -> Matched:
    """Fill the market orders at the open of the candle, in the order of the book."""
    return _match(book, candle, (OrderType.MARKET,))


def match_inside(book: Book, candle: Candle) -> Matched:
    """Fill the stops and targets that the candle reaches, stops first."""
    return _match(book, candle, (OrderType.STOP_MARKET, OrderType.LIMIT))


def _match(book: Book, candle: Candle, kinds: tuple[OrderType, ...]) -> Matched:
    fills: list[FillReport] = []
    reports: list[OrderReport] = []
    done_groups: set[str] = set()
    for order in _in_turn(book.orders, kinds, candle):
        if order.oco_group and order.oco_group in done_groups:
            reports.append(_ended(order, OrderStatus.CANCELED, OCO_SIBLING_FILLED))
            continue
        price = fill_price(order, candle, book.rules, book.slippage_bps.get(order.account, 0))
        if price is None:
            continue
        result = _fill(book, order, price, candle)
        if isinstance(result, OrderReport):
            reports.append(result)
            continue
        fills.append(result)
        if order.oco_group:
            done_groups.add(order.oco_group)
    reports.extend(_siblings_left(book.orders, done_groups, fills, reports))
    return Matched(tuple(fills), tuple(reports))


def fill_price(
    order: OrderTicket, candle: Candle, rules: InstrumentRules, slippage_bps: int
) -> Decimal | None:
    """The price at which this candle fills the order; None = it does not reach it."""
    if not _is_reached(order, candle.low, candle.high):
        return None
    buys = order.side is Side.BUY
    level = _level(order)
    if level is None:
        return _slipped(candle.open, rules, slippage_bps, buys=buys)
    if order.order_type is OrderType.LIMIT:
        if buys:
            return min(rules.price_up(candle.open), level)
        return max(rules.price_down(candle.open), level)
    worse = max(candle.open, level) if buys else min(candle.open, level)
    return _slipped(worse, rules, slippage_bps, buys=buys)


def _level(order: OrderTicket) -> Decimal | None:
    """The price that the order waits for; None = it waits for none, or names none."""
    if order.order_type is OrderType.MARKET:
        return None
    return order.limit_price if order.order_type is OrderType.LIMIT else order.trigger_price


def _is_reached(order: OrderTicket, low: Decimal, high: Decimal) -> bool:
    """Whether prices from `low` to `high` touch what the order waits for."""
    level = _level(order)
    if level is None:
        return order.order_type is OrderType.MARKET
    waits_for_a_rise = (order.side is Side.BUY) is (order.order_type is OrderType.STOP_MARKET)
    return high >= level if waits_for_a_rise else low <= level


def _fill(
    book: Book, order: OrderTicket, price: Decimal, candle: Candle
) -> FillReport | OrderReport:
    quantity = order.quantity
    if order.reduce_only:
        quantity = min(quantity, _reducible(book, order))
        if quantity <= 0:
            return _ended(order, OrderStatus.CANCELED, NOTHING_TO_REDUCE)
    is_maker = order.order_type is OrderType.LIMIT
    fee = book.rules.maker_fee if is_maker else book.rules.taker_fee
    commission = cost_up(quantity * price * fee)
    free = book.free_cash.get(order.account, ZERO) + book.reserved.pop(order.client_order_id, ZERO)
    after = free + cash_change(order.side, quantity, price, commission)
    if not order.reduce_only and after < 0:
        book.free_cash[order.account] = free
        return _ended(order, OrderStatus.REJECTED, INSUFFICIENT_FUNDS)
    book.free_cash[order.account] = after
    signed = quantity if order.side is Side.BUY else -quantity
    book.positions[order.position] = book.positions.get(order.position, ZERO) + signed
    return FillReport(
        client_order_id=order.client_order_id,
        venue_trade_id=f"{order.client_order_id}-{int(candle.close_time.timestamp())}",
        side=order.side,
        quantity=quantity,
        price=price,
        commission=commission,
        # At the open or somewhere inside: the candle's open is the latest moment that is certain.
        filled_at=candle.open_time,
        is_maker=is_maker,
    )


def cash_change(side: Side, quantity: Decimal, price: Decimal, commission: Decimal) -> Decimal:
    if side is Side.BUY:
        return -cost_up(quantity * price) - commission
    return proceeds_down(quantity * price) - commission


def _reducible(book: Book, order: OrderTicket) -> Decimal:
    held = book.positions.get(order.position, ZERO)
    return max(ZERO, held if order.side is Side.SELL else -held)


def _slipped(price: Decimal, rules: InstrumentRules, bps: int, *, buys: bool) -> Decimal:
    if buys:
        return rules.price_up(price * (1 + bps / _BPS))
    return max(rules.price_down(price * (1 - bps / _BPS)), rules.price_increment)


def _in_turn(
    orders: Iterable[OrderTicket], kinds: tuple[OrderType, ...], candle: Candle
) -> list[OrderTicket]:
    """Those of these kinds, as the candle comes to them; equals in the order of the book."""

    def turn(order: OrderTicket) -> tuple[bool, int]:
        waits = not _is_reached(order, candle.open, candle.open)
        return waits, _PRIORITY[order.order_type]

    return sorted((order for order in orders if order.order_type in kinds), key=turn)


def _siblings_left(
    orders: Iterable[OrderTicket],
    done_groups: set[str],
    fills: Sequence[FillReport],
    reports: Sequence[OrderReport],
) -> Iterator[OrderReport]:
    """The rest of each group of which one has filled, where not said already."""
    told = {fill.client_order_id for fill in fills} | {item.client_order_id for item in reports}
    for order in orders:
        if order.oco_group in done_groups and order.client_order_id not in told:
            yield _ended(order, OrderStatus.CANCELED, OCO_SIBLING_FILLED)


def _ended(order: OrderTicket, status: OrderStatus, code: str) -> OrderReport:
    return OrderReport(order.client_order_id, "", status, code)
