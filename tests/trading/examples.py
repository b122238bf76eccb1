"""Values to try the core on: one instrument, hand-made candles, orders and facts."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np

from trading.candles import Candle, CandleSeries, FloatArray, Timeframe
from trading.gates.values import Intent, Limits, Snapshot, TradingState
from trading.instruments import AssetClass, InstrumentRules, InstrumentStatus
from trading.matching import Book, Matched
from trading.orders import Leg, OrderStatus, OrderTicket, OrderType, client_order_id
from trading.signals import Action, Side

MONDAY = datetime(2026, 6, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
THIN = "10"  # a volume: one order may take 1 of it

BTC = InstrumentRules(
    symbol="BTC-USD",
    base="BTC",
    quote="USD",
    asset_class=AssetClass.CRYPTO,
    price_increment=Decimal("0.01"),
    quantity_increment=Decimal("0.001"),
    min_quantity=Decimal("0.001"),
    min_notional=Decimal(10),
    maker_fee=Decimal("0.001"),
    taker_fee=Decimal("0.002"),
    is_shortable=True,
    status=InstrumentStatus.TRADING,
)
FREE_OF_FEES = replace(BTC, maker_fee=Decimal(0), taker_fee=Decimal(0))


def numbers(*texts: str) -> list[Decimal]:
    return [Decimal(text) for text in texts]


def candle(prices: str, opened: datetime = MONDAY, volume: str = "1000000") -> Candle:
    """One minute; `prices` are open, high, low and close in words, or one for all four."""
    four = numbers(*prices.split())
    opening, high, low, close = four if len(four) > 1 else four * 4
    return Candle(opened, opened + MINUTE, opening, high, low, close, Decimal(volume))


def series(
    closes: Sequence[float],
    *,
    highs: Sequence[float] | None = None,
    lows: Sequence[float] | None = None,
) -> CandleSeries:
    """Candles without shadows, unless highs or lows are given. Writing to them is an error."""
    close = _column(closes)
    high = close if highs is None else _column(highs)
    low = close if lows is None else _column(lows)
    times = np.arange(1, len(close) + 1, dtype=np.int64) * 60
    return CandleSeries("BTC-USD", Timeframe.M1, times, close, high, low, close, close)


def until(candles: CandleSeries, count: int) -> CandleSeries:
    """The first `count` candles, as views: the later ones lie in the same memory, just beyond."""
    return CandleSeries(
        candles.symbol,
        candles.timeframe,
        candles.close_times[:count],
        candles.open[:count],
        candles.high[:count],
        candles.low[:count],
        candles.close[:count],
        candles.volume[:count],
    )


def _column(values: Sequence[float]) -> FloatArray:
    column = np.array(values, dtype=np.float64)
    column.setflags(write=False)
    return column


def order(origin: str, side: Side, quantity: str, **columns: Any) -> OrderTicket:
    """A market order of account 1 and position 1, unless the columns say otherwise."""
    ticket = OrderTicket(
        client_order_id=client_order_id(origin, columns.pop("leg", Leg.ENTRY)),
        account=1,
        position=1,
        side=side,
        order_type=OrderType.MARKET,
        quantity=Decimal(quantity),
    )
    return replace(ticket, **columns)


def stop(origin: str, side: Side, quantity: str, trigger: str, **columns: Any) -> OrderTicket:
    """A reduce-only stop, in the one-cancels-other group of its origin."""
    given = {"reduce_only": True, "oco_group": origin, "leg": Leg.STOP, **columns}
    kind = OrderType.STOP_MARKET
    return order(origin, side, quantity, order_type=kind, trigger_price=Decimal(trigger), **given)


def target(origin: str, side: Side, quantity: str, limit: str, **columns: Any) -> OrderTicket:
    """A reduce-only limit, in the one-cancels-other group of its origin."""
    given = {"reduce_only": True, "oco_group": origin, "leg": Leg.TARGET, **columns}
    kind = OrderType.LIMIT
    return order(origin, side, quantity, order_type=kind, limit_price=Decimal(limit), **given)


def trailing(origin: str, side: Side, quantity: str, offset: str, **columns: Any) -> OrderTicket:
    """A reduce-only trailing stop, in the one-cancels-other group of its origin."""
    given = {"reduce_only": True, "oco_group": origin, "leg": Leg.STOP, **columns}
    kind = OrderType.TRAILING_STOP_MARKET
    return order(origin, side, quantity, order_type=kind, trailing_offset=Decimal(offset), **given)


def market(quantity: str, **columns: Any) -> OrderTicket:
    """A purchase at market."""
    return order("m", Side.BUY, quantity, **columns)


def limit(quantity: str, price: str, **columns: Any) -> OrderTicket:
    """A purchase at no more than the price."""
    kind = OrderType.LIMIT
    return order("l", Side.BUY, quantity, order_type=kind, limit_price=Decimal(price), **columns)


def quantities(matched: Matched) -> list[Decimal]:
    return [fill.quantity for fill in matched.fills]


def ended(ticket: OrderTicket, code: str, status: OrderStatus = OrderStatus.CANCELED) -> object:
    """What is `told` of a pass that ended this order, and nothing else."""
    return [(ticket.client_order_id, status, code)]


def told(matched: Matched) -> list[tuple[str, OrderStatus, str]]:
    return [(item.client_order_id, item.status, item.code) for item in matched.reports]


def book(
    *orders: OrderTicket,
    cash: str = "1000000",
    held: str = "0",
    slippage_bps: int = 0,
    reserved: dict[str, Decimal] | None = None,
    locked: dict[int, Decimal] | None = None,
    rules: InstrumentRules = FREE_OF_FEES,
) -> Book:
    """A book of account 1, whose position 1 holds `held`."""
    return Book(
        rules=rules,
        orders=orders,
        free_cash={1: Decimal(cash)},
        slippage_bps={1: slippage_bps},
        positions={1: Decimal(held)},
        reserved=dict(reserved or {}),
        locked=dict(locked or {}),
    )


INTENT = Intent(Action.ENTER_LONG, Decimal("0.5"), Decimal(100), Decimal("50.601"))
LEAVING = Intent(Action.EXIT_LONG, Decimal("0.5"), Decimal(100), Decimal(0))
LIMITS = Limits(
    capital=Decimal(10_000),
    risk_per_trade=Decimal("0.02"),
    leverage=Decimal(1),
    max_positions=3,
    max_daily_loss=Decimal("0.05"),
    warmup_candles=51,
)
SNAPSHOT = Snapshot(
    rules=BTC,
    trading_state=TradingState.ACTIVE,
    is_subscribed=True,
    is_symbol_allowed=True,
    is_market_open=True,
    account_currency="USD",
    candles_seen=51,
    free_cash=Decimal(10_000),
    open_positions=0,
    day_pnl=Decimal(0),
    position_quantity=Decimal(0),
    is_entering=False,
    is_leaving=False,
    session_end=MONDAY + timedelta(days=1),
)
