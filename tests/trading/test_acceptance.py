"""What the paper venue refuses on sight, and with which code."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from tests.trading.examples import MONDAY, order, stop, target, trailing
from trading.matching import refusal
from trading.orders import OrderTicket, OrderType, TimeInForce
from trading.signals import OffsetType, Side

SELL = Side.SELL
T = TimeInForce


def a(kind: OrderType, **columns: Any) -> OrderTicket:
    return order("a", SELL, "1", order_type=kind, **columns)


@pytest.mark.parametrize(
    "ticket",
    [
        order("a", SELL, "1", time_in_force=T.FOK),
        target("a", SELL, "1", "100", post_only=True),
        stop("a", SELL, "1", "100", time_in_force=T.DAY, expire_time=MONDAY),
        a(OrderType.STOP_LIMIT, trigger_price=Decimal(1), limit_price=Decimal(1)),
        trailing("a", SELL, "1", "9999", trailing_offset_type=OffsetType.BASIS_POINTS),
    ],
)
def test_every_kind_is_taken(ticket: OrderTicket) -> None:
    assert refusal(ticket) is None


@pytest.mark.parametrize(
    ("ticket", "code"),
    [
        (order("a", SELL, "0"), "QUANTITY_NOT_POSITIVE"),
        (order("a", SELL, "NaN"), "QUANTITY_NOT_POSITIVE"),
        (a(OrderType.LIMIT), "PRICE_MISSING"),
        (a(OrderType.STOP_MARKET), "PRICE_MISSING"),
        (a(OrderType.STOP_LIMIT, trigger_price=Decimal(1)), "PRICE_MISSING"),
        (a(OrderType.STOP_LIMIT, limit_price=Decimal(1)), "PRICE_MISSING"),
        (target("a", SELL, "1", "-1"), "PRICE_NOT_POSITIVE"),
        (stop("a", SELL, "1", "Infinity"), "PRICE_NOT_POSITIVE"),
        (a(OrderType.TRAILING_STOP_MARKET), "OFFSET_NOT_USABLE"),
        (trailing("a", SELL, "1", "0"), "OFFSET_NOT_USABLE"),
        (
            trailing("a", SELL, "1", "10000", trailing_offset_type=OffsetType.BASIS_POINTS),
            "OFFSET_NOT_USABLE",
        ),
        (order("a", SELL, "1", trailing_offset=Decimal(1)), "OFFSET_NOT_USABLE"),
        (order("a", SELL, "1", post_only=True), "POST_ONLY_NOT_POSSIBLE"),
        (
            target("a", SELL, "1", "1", post_only=True, time_in_force=T.IOC),
            "POST_ONLY_NOT_POSSIBLE",
        ),
        (stop("a", SELL, "1", "1", time_in_force=T.FOK), "TIME_IN_FORCE_NOT_POSSIBLE"),
        (target("a", SELL, "1", "1", time_in_force=T.DAY), "EXPIRY_MISSING"),
        (target("a", SELL, "1", "1", expire_time=datetime.max), "EXPIRY_MISSING"),  # noqa: DTZ901
    ],
)
def test_what_cannot_work_is_refused_with_its_code(ticket: OrderTicket, code: str) -> None:
    assert refusal(ticket) == code
