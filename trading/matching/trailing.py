"""How a trailing stop follows the market: towards it, never away from it."""

from decimal import Decimal

from trading.candles import Candle
from trading.instruments import InstrumentRules
from trading.orders import OrderTicket, OrderType
from trading.signals import Side, Trail


def trigger_of(order: OrderTicket, candle: Candle, rules: InstrumentRules) -> Decimal | None:
    """The trigger as the candle opens. A trailing stop that names none begins at its offset from
    the open."""
    if order.trigger_price is not None or order.order_type is not OrderType.TRAILING_STOP_MARKET:
        return order.trigger_price
    return _behind(order, candle.open, rules)


def tightened(
    order: OrderTicket, trigger: Decimal, candle: Candle, rules: InstrumentRules
) -> Decimal:
    """The trigger after the candle: its offset behind the best price, where that is nearer."""
    if order.side is Side.BUY:
        followed = _behind(order, candle.low, rules)
        return trigger if followed is None else min(trigger, followed)
    followed = _behind(order, candle.high, rules)
    return trigger if followed is None else max(trigger, followed)


def is_at_or_beyond(trigger: Decimal, price: Decimal, side: Side) -> bool:
    return price >= trigger if side is Side.BUY else price <= trigger


def _behind(order: OrderTicket, best: Decimal, rules: InstrumentRules) -> Decimal | None:
    """Rounded towards the market, one increment away from it at least; None = there is no offset.

    A sell's trigger is a price, so never less than one increment.
    """
    if order.trailing_offset is None:
        return None
    trail = Trail(order.trailing_offset, order.trailing_offset_type)
    distance = max(trail.distance(best), rules.price_increment)
    if order.side is Side.BUY:
        return max(rules.price_down(best + distance), rules.price_up(best + rules.price_increment))
    nearest = rules.price_down(best - rules.price_increment)
    return max(min(rules.price_up(best - distance), nearest), rules.price_increment)
