"""A stop that no venue holds: we look at the price ourselves and leave at market when it is there.

The price that counts is the one that a venue would have looked at: everything between the low and
the high of a candle. What comes of it is worse than at a venue, since the exit fills later: at the
open of the next candle on paper.
"""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from trading.candles import Candle
from trading.instruments import InstrumentRules
from trading.matching import fill_price
from trading.matching.trailing import tightened, trigger_of
from trading.money import ZERO
from trading.orders import OrderTicket, OrderType


class Looked(NamedTuple):
    """`trigger` is where the stop stands afterwards: a trailing one may have followed."""

    is_reached: bool
    trigger: Decimal | None


def look(stop: OrderTicket, candle: Candle, rules: InstrumentRules) -> Looked:
    """What this candle does to the stop. The limit of a stop-limit is not asked for: who watches
    leaves at market.
    """
    if stop.order_type is OrderType.STOP_LIMIT:
        stop = replace(stop, order_type=OrderType.STOP_MARKET, limit_price=None)
    if fill_price(stop, candle, rules, slippage_bps=0) is not None:
        return Looked(is_reached=True, trigger=stop.trigger_price)
    trigger = trigger_of(stop, candle, rules)
    if trigger is not None and stop.order_type is OrderType.TRAILING_STOP_MARKET:
        trigger = tightened(stop, trigger, candle, rules)
    return Looked(is_reached=False, trigger=trigger)


def at_one_price(price: Decimal, now: datetime) -> Candle:
    """What a price update shows: no more than the price of one moment."""
    return Candle(now, now, price, price, price, price, ZERO)
