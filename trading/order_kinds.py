"""The words for what kind of order one asks for, whether of a venue or in an opinion."""

from enum import StrEnum


class OrderType(StrEnum):
    MARKET = "market"
    LIMIT = "limit"
    STOP_MARKET = "stop_market"
    STOP_LIMIT = "stop_limit"
    TRAILING_STOP_MARKET = "trailing_stop_market"


class TimeInForce(StrEnum):
    """How long an order works when it is not filled at once."""

    GTC = "gtc"  # until it is filled or canceled
    IOC = "ioc"  # what fills at once, and nothing later
    FOK = "fok"  # all of it at once, or nothing
    DAY = "day"  # until the end of the session: `expire_time`


AT_ONCE = frozenset({TimeInForce.IOC, TimeInForce.FOK})
WITH_LIMIT = frozenset({OrderType.LIMIT, OrderType.STOP_LIMIT})
WITH_TRIGGER = frozenset({OrderType.STOP_MARKET, OrderType.STOP_LIMIT})
STOPS = WITH_TRIGGER | {OrderType.TRAILING_STOP_MARKET}
