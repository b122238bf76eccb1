"""Which price a candle gives an order, by its kind. Mirrored for buys and sells."""

from dataclasses import dataclass
from decimal import Decimal

from trading.candles import Candle
from trading.instruments import InstrumentRules
from trading.matching.levels import is_met, limit_at_open, slipped_to, stopped_at
from trading.matching.trailing import is_at_or_beyond, tightened, trigger_of
from trading.money import ONE
from trading.order_kinds import STOPS
from trading.orders import OrderTicket, OrderType, TimeInForce
from trading.signals import BPS, Side


@dataclass(frozen=True, slots=True)
class Touch:
    """The candle can fill the order at this price. `is_maker` = the order stood there first."""

    price: Decimal
    is_maker: bool


def fill_price(
    order: OrderTicket, candle: Candle, rules: InstrumentRules, slippage_bps: int
) -> Decimal | None:
    """The price at which this candle fills the order; None = it does not reach it."""
    found = touch(order, candle, rules, slippage_bps)
    return None if found is None else found.price


def touch(
    order: OrderTicket, candle: Candle, rules: InstrumentRules, slippage_bps: int
) -> Touch | None:
    """Where and how this candle fills the order; None = not, though a stop-limit may be
    triggered (`is_reached`)."""
    kind = works_as(order)
    if kind is OrderType.MARKET:
        return Touch(slipped(candle.open, rules, slippage_bps, order.side), is_maker=False)
    if kind is OrderType.LIMIT:
        return _limit(order, candle, rules)
    if kind is OrderType.STOP_LIMIT:
        return _stop_limit(order, candle, rules, slippage_bps)
    return _stop(order, candle, rules, slippage_bps)


def works_as(order: OrderTicket) -> OrderType:
    """A stop that was triggered on an earlier candle is an order without its trigger since."""
    if not order.is_triggered or order.order_type not in STOPS:
        return order.order_type
    return OrderType.LIMIT if order.order_type is OrderType.STOP_LIMIT else OrderType.MARKET


def is_reached(
    order: OrderTicket, candle: Candle, rules: InstrumentRules, low: Decimal, high: Decimal
) -> bool:
    """Whether prices from `low` to `high` touch what the order waits for."""
    if works_as(order) is OrderType.MARKET:
        return True
    level, waits_for_a_rise = awaited(order)
    if level is None:
        level = trigger_of(order, candle, rules)
    if level is None:
        return False
    return is_met(level, low, high, waits_for_a_rise)


def awaited(order: OrderTicket) -> tuple[Decimal | None, bool]:
    """The price that the order waits for, and whether the market is to rise to it. None = none, or
    one that only a candle can tell."""
    kind = works_as(order)
    if kind is OrderType.MARKET:
        return None, False
    level = order.limit_price if kind is OrderType.LIMIT else order.trigger_price
    return level, (order.side is Side.BUY) is (kind in STOPS)


def is_reached_at_open(order: OrderTicket, candle: Candle, rules: InstrumentRules) -> bool:
    return is_reached(order, candle, rules, candle.open, candle.open)


def is_reached_inside(order: OrderTicket, candle: Candle, rules: InstrumentRules) -> bool:
    return is_reached(order, candle, rules, candle.low, candle.high)


def has_rested(order: OrderTicket, candle: Candle) -> bool:
    """Whether the order stood at the venue before the candle opened."""
    if order.filled or order.is_triggered:
        return True
    return order.active_from is not None and order.active_from < candle.open_time


def would_take(order: OrderTicket, candle: Candle, rules: InstrumentRules) -> bool:
    """Whether the order finds somebody to trade with in the moment in which it arrives."""
    return not has_rested(order, candle) and is_reached_at_open(order, candle, rules)


def slipped(price: Decimal, rules: InstrumentRules, bps: int, side: Side) -> Decimal:
    buys = side is Side.BUY
    return slipped_to(price, slippage_share(bps, buys=buys), rules.price_increment, buys)


def slippage_share(bps: int, *, buys: bool) -> Decimal:
    """What of a price is paid or got."""
    return 1 + bps / BPS if buys else 1 - bps / BPS


def _limit(order: OrderTicket, candle: Candle, rules: InstrumentRules) -> Touch | None:
    level = order.limit_price
    if level is None:
        return None
    if is_reached_at_open(order, candle, rules):
        if order.post_only:  # who only makes gets the price that they named
            return Touch(level, is_maker=True)
        buys = order.side is Side.BUY
        price = limit_at_open(level, candle.open, ONE, rules.price_increment, buys)
        return Touch(price, is_maker=has_rested(order, candle))
    if order.time_in_force in (TimeInForce.IOC, TimeInForce.FOK):
        return None  # at once is at the open
    if is_reached_inside(order, candle, rules):
        return Touch(level, is_maker=True)
    return None


def _stop(order: OrderTicket, candle: Candle, rules: InstrumentRules, bps: int) -> Touch | None:
    trigger = trigger_of(order, candle, rules)
    if trigger is None:
        return None
    if is_reached_inside(order, candle, rules):
        met = stopped_at(candle.open, trigger, order.side is Side.BUY)
        return Touch(slipped(met, rules, bps, order.side), is_maker=False)
    if order.order_type is OrderType.TRAILING_STOP_MARKET:
        followed = tightened(order, trigger, candle, rules)
        # The close comes last: where it lies beyond the level that the best price gave, the price
        # has crossed that level on its way back.
        if is_at_or_beyond(followed, candle.close, order.side):
            return Touch(slipped(followed, rules, bps, order.side), is_maker=False)
    return None


def _stop_limit(
    order: OrderTicket, candle: Candle, rules: InstrumentRules, bps: int
) -> Touch | None:
    limit, trigger = order.limit_price, order.trigger_price
    if limit is None or trigger is None or not is_reached_inside(order, candle, rules):
        return None
    buys = order.side is Side.BUY
    at_open = is_reached_at_open(order, candle, rules)
    met = candle.open if at_open else trigger
    if met <= limit if buys else met >= limit:
        price = slipped(met, rules, bps, order.side)
        return Touch(_never_beyond(limit, price, order.side), is_maker=False)
    # It rests at its limit from the trigger on. Triggered at the open, the whole candle is still to
    # come; triggered inside, only the close certainly comes after.
    seen = (candle.low if buys else candle.high) if at_open else candle.close
    if seen <= limit if buys else seen >= limit:
        return Touch(limit, is_maker=True)
    return None


def _never_beyond(limit: Decimal, price: Decimal, side: Side) -> Decimal:
    return min(price, limit) if side is Side.BUY else max(price, limit)
