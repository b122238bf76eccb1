"""Histories and settings for both paths, and what both of them say."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import numpy as np
from hypothesis import strategies as st

from trading.backtest import Market, Result, Settings, Sizing
from trading.candles import Candle, CandleSeries, Timeframe
from trading.gates.values import Limits
from trading.instruments import AssetClass, InstrumentRules, InstrumentStatus
from trading.strategies import REGISTRY

BEGINS = datetime(2026, 1, 1, tzinfo=UTC)
STRATEGY = REGISTRY["sma_crossover"]
ROUND = Decimal(5)  # ticks
FEES = (
    (Decimal(0), Decimal("0.001")), (Decimal("-0.0002"), Decimal("0.00075")),
    (Decimal("0.001"), Decimal("-0.0002")), (Decimal("0.001"), Decimal("0.001")),
)  # fmt: skip
RULES = InstrumentRules(
    symbol="BTC-USD", base="BTC", quote="USD", asset_class=AssetClass.CRYPTO,
    price_increment=Decimal("0.01"), quantity_increment=Decimal("0.0001"),
    min_quantity=Decimal("0.0001"), min_notional=Decimal(1), maker_fee=Decimal("0.0004"),
    taker_fee=Decimal("0.001"), is_shortable=True, status=InstrumentStatus.TRADING,
)  # fmt: skip


def market_of(
    prices: list[tuple[Decimal, Decimal, Decimal, Decimal]],
    rules: InstrumentRules = RULES,
    length: Timeframe = Timeframe.H1,
    gaps: frozenset[int] = frozenset(),
) -> Market:
    """One candle for each open, high, low and close; before those of `gaps` a day is missing."""
    opened, candles = BEGINS, []
    for row, (first, high, low, last) in enumerate(prices):
        opened += Timeframe.D1.duration if row in gaps else 0 * length.duration
        closed = opened + length.duration
        candles.append(Candle(opened, closed, first, high, low, last, Decimal(row % 3)))
        opened = closed
    return Market(rules, candles, series_of(candles, rules.symbol, length))


def series_of(candles: list[Candle], symbol: str, length: Timeframe) -> CandleSeries:
    columns = [
        np.array([float(getattr(candle, name)) for candle in candles])
        for name in ("open", "high", "low", "close", "volume")
    ]
    closes = np.array([int(candle.close_time.timestamp()) for candle in candles])
    return CandleSeries(symbol, length, closes, *columns)


def settings_of(
    *, cash: Decimal = Decimal(100_000), sizing: Sizing = Sizing.RISK, quantity: Any = None,
    slippage_bps: int = 0, limits: dict[str, Any] | None = None, **parameters: float,
) -> Settings:  # fmt: skip
    parsed = STRATEGY.parse(parameters)
    ceilings = Limits(
        capital=cash, risk_per_trade=Decimal("0.01"), leverage=Decimal(1), max_positions=1,
        max_daily_loss=Decimal(10**6), warmup_candles=STRATEGY.warmup(parsed),
    )  # fmt: skip
    return Settings(
        STRATEGY, parsed, cash, "USD", replace(ceilings, **(limits or {})),
        slippage_bps=slippage_bps, sizing=sizing, fixed_quantity=quantity, participation=None,
    )  # fmt: skip


@st.composite
def markets(draw: st.DrawFn) -> Market:
    """Candles that often open a whole stop or target away from the last close, stand still, and
    reach out to both sides: levels are met, met exactly, jumped over, and two in one candle. Where
    prices are coarse, a stop and a target may be one level, and a candle open at it."""
    tick = draw(st.sampled_from([Decimal("0.01"), Decimal("0.05"), Decimal(1)]))
    steps = draw(st.sampled_from([Decimal(1), ROUND, ROUND, Decimal("0.1")]))  # ticks of a price
    level = draw(st.sampled_from([200, 200, 1_000, 4_000])) + draw(st.sampled_from([0, 3]))
    small = draw(st.integers(1, 7))
    wide = max(small, level * draw(st.sampled_from([1, 5, 11, 70])) // 100)
    prices = []
    for shape in draw(st.binary(min_size=12, max_size=90)):  # one draw for all: the test's time
        gap, body, above, below = shape & 3, shape >> 2 & 3, shape >> 4 & 3, shape >> 6
        away = int(-level % ROUND if body & 1 else -(level % ROUND))  # to a round price
        first = max(1, level + (0, away, wide, -wide)[gap])
        last = max(1, first + (0, small, -wide, wide)[body])
        high = max(first, last) + (0, 0, small, wide)[above]
        low = max(1, min(first, last) - (0, 0, small, wide)[below])
        prices.append((first, high, low, last))
        level = last
    gaps = draw(st.frozensets(st.integers(1, len(prices) - 1), max_size=3))
    maker, taker = draw(st.sampled_from(FEES))
    step = draw(st.sampled_from([Decimal("0.00000001"), Decimal("0.001"), Decimal(1)]))
    rules = replace(
        RULES,
        price_increment=tick * steps,
        quantity_increment=step,
        min_quantity=step * draw(st.sampled_from([1, 7])),
        min_notional=draw(
            st.sampled_from([Decimal(0), Decimal(0), Decimal("10.5"), Decimal(20_000)])
        ),
        maker_fee=maker,
        taker_fee=taker,
        is_shortable=draw(st.booleans()),
        initial_margin=draw(st.sampled_from([Decimal(1), Decimal("0.25"), Decimal("0.5")])),
    )
    length = draw(st.sampled_from([Timeframe.M30, Timeframe.H4, Timeframe.D1]))
    exact = [tuple(Decimal(each) * tick for each in row) for row in prices]
    return market_of(exact, rules, length, gaps)  # type: ignore[arg-type]


@st.composite
def settings(draw: st.DrawFn) -> Settings:
    fast = draw(st.integers(2, 3))
    sizing = draw(st.sampled_from(Sizing))
    quantity = draw(st.sampled_from([Decimal(1), Decimal("0.1234"), Decimal(500)]))
    made = settings_of(
        cash=draw(st.sampled_from([Decimal(100_000)] * 3 + [Decimal("987.65"), Decimal(30)])),
        sizing=sizing,
        quantity=quantity if sizing is Sizing.FIXED else None,
        slippage_bps=draw(st.sampled_from([0, 1, 25, 300])),
        limits={
            "max_daily_loss": draw(st.sampled_from([Decimal(10**6), Decimal("0.02")])),
            "max_positions": draw(st.sampled_from([1, 1, 1, 1, 2, 0])),
            "risk_per_trade": draw(st.sampled_from([Decimal(1), Decimal("0.01")])),
            "leverage": Decimal(1 if sizing is Sizing.ALL_IN else draw(st.integers(1, 3))),
        },
        fast=fast,
        slow=fast + draw(st.integers(1, 3)),
        stop_loss=draw(st.sampled_from([0, 0, 0.002, 0.002, 0.0123, 0.1])),
        take_profit=draw(st.sampled_from([0, 0.003, 0.003, 0.05, 1.5])),
    )
    begins = BEGINS + draw(st.integers(0, 40)) * Timeframe.H4.duration
    return replace(made, begins_at=draw(st.sampled_from([None, begins])))


def told(result: Result) -> dict[str, object]:
    """All that a run says, but its equity."""
    return {
        "trades": list(result.trades),
        "decisions": list(result.decisions),
        "cash": result.cash,
        "still_open": result.still_open,
        "times": list(result.times),
    }
