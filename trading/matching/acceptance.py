"""What the paper venue takes, and the code with which it refuses the rest."""

from decimal import Decimal

from trading.order_kinds import AT_ONCE, STOPS, WITH_LIMIT, WITH_TRIGGER
from trading.orders import OrderTicket, OrderType, TimeInForce
from trading.signals import Trail

PRICE_MISSING = "PRICE_MISSING"
PRICE_NOT_POSITIVE = "PRICE_NOT_POSITIVE"
QUANTITY_NOT_POSITIVE = "QUANTITY_NOT_POSITIVE"
OFFSET_NOT_USABLE = "OFFSET_NOT_USABLE"
POST_ONLY_NOT_POSSIBLE = "POST_ONLY_NOT_POSSIBLE"
TIME_IN_FORCE_NOT_POSSIBLE = "TIME_IN_FORCE_NOT_POSSIBLE"
EXPIRY_MISSING = "EXPIRY_MISSING"


def refusal(order: OrderTicket) -> str | None:
    """Why the venue rejects the order on sight; None = it takes it."""
    return _bad_numbers(order) or _bad_conditions(order)


def _bad_numbers(order: OrderTicket) -> str | None:
    if not _is_positive(order.quantity):
        return QUANTITY_NOT_POSITIVE
    if order.order_type in WITH_LIMIT and order.limit_price is None:
        return PRICE_MISSING
    if order.order_type in WITH_TRIGGER and order.trigger_price is None:
        return PRICE_MISSING
    prices = (order.limit_price, order.trigger_price)
    if not all(price is None or _is_positive(price) for price in prices):
        return PRICE_NOT_POSITIVE
    return _bad_offset(order)


def _bad_offset(order: OrderTicket) -> str | None:
    offset = order.trailing_offset
    if (order.order_type is OrderType.TRAILING_STOP_MARKET) is (offset is None):
        return OFFSET_NOT_USABLE
    if offset is None or Trail(offset, order.trailing_offset_type).is_usable:
        return None
    return OFFSET_NOT_USABLE


def _bad_conditions(order: OrderTicket) -> str | None:
    if order.post_only and (
        order.order_type is not OrderType.LIMIT or order.time_in_force in AT_ONCE
    ):
        return POST_ONLY_NOT_POSSIBLE
    if order.order_type in STOPS and order.time_in_force in AT_ONCE:
        return TIME_IN_FORCE_NOT_POSSIBLE
    if (order.time_in_force is TimeInForce.DAY) is (order.expire_time is None):
        return EXPIRY_MISSING
    return None


def _is_positive(number: Decimal) -> bool:
    return number.is_finite() and number > 0
