"""When a stop that we hold ourselves is reached: mirrored, to the tick."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from tests.fakes import MONDAY, candle
from tests.trading.examples import BTC
from trading.orders import OrderTicket, OrderType
from trading.signals import Side
from trading.software_stops import Looked, at_one_price, look

RULES = replace(BTC, price_increment=Decimal("0.01"))
LEVEL = Decimal(100)


def _stop(side: Side, kind: OrderType = OrderType.STOP_MARKET, **columns: Any) -> OrderTicket:
    return OrderTicket("a", 1, 1, side, kind, Decimal(1), trigger_price=LEVEL, **columns)


@pytest.mark.parametrize("kind", [OrderType.STOP_MARKET, OrderType.STOP_LIMIT])
@pytest.mark.parametrize(
    ("side", "price", "is_reached"),
    [
        (Side.SELL, "100.01", False),
        (Side.SELL, "100", True),
        (Side.SELL, "90", True),  # far beyond its limit, too: who watches leaves at market
        (Side.BUY, "99.99", False),
        (Side.BUY, "100", True),
        (Side.BUY, "110", True),
    ],
)
def test_a_price_reaches_it_at_its_trigger(
    kind: OrderType, side: Side, price: str, is_reached: bool
) -> None:
    limits = {"limit_price": LEVEL} if kind is OrderType.STOP_LIMIT else {}
    at = at_one_price(Decimal(price), MONDAY)
    assert look(_stop(side, kind, **limits), at, RULES) == Looked(is_reached, LEVEL)


@pytest.mark.parametrize(
    ("side", "prices", "is_reached"),
    [
        (Side.SELL, ("105", "106", "100", "105"), True),
        (Side.SELL, ("105", "106", "100.01", "105"), False),
        (Side.BUY, ("95", "100", "94", "95"), True),
        (Side.BUY, ("95", "99.99", "94", "95"), False),
    ],
)
@pytest.mark.parametrize("volume", ["1000", "0"])
def test_so_does_any_price_within_a_candle_whatever_its_volume(
    side: Side, prices: tuple[str, str, str, str], is_reached: bool, volume: str
) -> None:
    found = look(_stop(side), candle(MONDAY, prices, volume), RULES)
    assert found.is_reached is is_reached


@pytest.mark.parametrize(
    ("side", "prices", "trigger"),
    [
        (Side.SELL, ("105", "110", "105", "109"), "108"),
        (Side.SELL, ("101", "101", "101", "101"), "100"),  # never away from the market
        (Side.BUY, ("95", "95", "90", "91"), "92"),
    ],
)
def test_a_trailing_one_follows(
    side: Side, prices: tuple[str, str, str, str], trigger: str
) -> None:
    stop = _stop(side, OrderType.TRAILING_STOP_MARKET, trailing_offset=Decimal(2))
    found = look(stop, candle(MONDAY, prices), RULES)
    assert found == Looked(is_reached=False, trigger=Decimal(trigger))
