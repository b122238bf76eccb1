"""NautilusTrader on bars: two strategies with its own indicators.

An order that a strategy sends when a bar has closed fills at that close, not at the next open.
"""

import math
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pandas as pd
from nautilus_trader.backtest.config import BacktestEngineConfig
from nautilus_trader.backtest.engine import BacktestEngine
from nautilus_trader.config import LoggingConfig
from nautilus_trader.indicators import (
    AverageTrueRange,
    DirectionalMovement,
    ExponentialMovingAverage,
    MovingAverageType,
    RelativeStrengthIndex,
    SimpleMovingAverage,
    WilderMovingAverage,
)
from nautilus_trader.model.currencies import BTC, USDT
from nautilus_trader.model.data import BarType
from nautilus_trader.model.enums import AccountType, OmsType, OrderSide, OrderType
from nautilus_trader.model.identifiers import InstrumentId, Symbol, Venue
from nautilus_trader.model.instruments import CryptoPerpetual
from nautilus_trader.model.objects import Money, Price, Quantity
from nautilus_trader.persistence.wranglers import BarDataWrangler
from nautilus_trader.trading.strategy import Strategy

from benchmarks.peers import rules
from benchmarks.peers.running import Candles, Fill, Prepared, Trade, main, trades_of

VENUE = Venue("SIM")
NAME = InstrumentId(Symbol("BTCUSDT"), VENUE)
BARS = BarType.from_str(f"{NAME}-1-MINUTE-LAST-EXTERNAL")
INSTRUMENT = CryptoPerpetual(
    instrument_id=NAME, raw_symbol=Symbol("BTCUSDT"), base_currency=BTC, quote_currency=USDT,
    settlement_currency=USDT, is_inverse=False, price_precision=2, size_precision=0,
    price_increment=Price.from_str(str(rules.TICK)), size_increment=Quantity.from_int(1),
    ts_event=0, ts_init=0, margin_init=Decimal("0.01"), margin_maint=Decimal("0.005"),
    maker_fee=Decimal(str(rules.FEE)), taker_fee=Decimal(str(rules.FEE)),
)  # fmt: skip
# It keeps money with eight decimals in floats: with more cash than this its sums do not add up.
CASH = 5 * 10**7
WILDER = MovingAverageType.WILDER


class Traded(Strategy):  # type: ignore[misc]
    """Counts its bars, remembers its fills, and trades at market."""

    def __init__(self) -> None:
        super().__init__()
        self.seen = 0
        self.held = 0
        self.fills: list[Fill] = []

    def on_start(self) -> None:
        self.subscribe_bars(BARS)

    def at_market(self, units: int, *, reduces: bool = False) -> None:
        side = OrderSide.BUY if units > 0 else OrderSide.SELL
        quantity = Quantity.from_int(abs(units))
        self.submit_order(
            self.order_factory.market(NAME, side, quantity, reduce_only=reduces)
        )  # fmt: skip

    def on_order_filled(self, event: Any) -> None:
        units = int(event.last_qty) * (1 if event.order_side == OrderSide.BUY else -1)
        is_stop = event.order_type == OrderType.STOP_MARKET
        # A stop fills before its bar is told; what follows a close counts as the next candle's.
        self.held += units
        self.fills.append(Fill(self.seen, units, float(event.last_px), "stop" if is_stop else ""))


class Crossing(Traded):
    def __init__(self) -> None:
        super().__init__()
        self.fast, self.slow = SimpleMovingAverage(rules.FAST), SimpleMovingAverage(rules.SLOW)
        self.before: int | None = None

    def on_start(self) -> None:
        for each in (self.fast, self.slow):
            self.register_indicator_for_bars(BARS, each)
        super().on_start()

    def on_bar(self, bar: Any) -> None:
        self.seen += 1
        if not self.slow.initialized:
            return
        difference = self.fast.value - self.slow.value
        now = (difference > rules.SAME) - (difference < -rules.SAME)
        units = now * rules.UNITS - self.held
        if now and units and self.before not in (None, now):
            self.at_market(units)
        self.before = now


class Rich(Traded):
    def __init__(self) -> None:
        super().__init__()
        self.fast = ExponentialMovingAverage(rules.RICH_FAST)
        self.slow = ExponentialMovingAverage(rules.RICH_SLOW)
        self.strength = RelativeStrengthIndex(rules.LENGTH, WILDER)
        self.atr = AverageTrueRange(rules.LENGTH, WILDER)
        self.moves = DirectionalMovement(rules.LENGTH, WILDER)
        self.adx = WilderMovingAverage(rules.LENGTH)
        self.was_above = False
        self.entry = self.at = self.risk = self.trail = 0.0
        self.guard: Any = None

    def on_start(self) -> None:
        for each in (self.fast, self.slow, self.strength, self.atr, self.moves):
            self.register_indicator_for_bars(BARS, each)
        super().on_start()

    def on_bar(self, bar: Any) -> None:
        self.seen += 1
        if self.seen <= rules.LENGTH:
            return
        up, down = self.moves.pos, self.moves.neg
        self.adx.update_raw(100 * abs(up - down) / (up + down) if up + down else 0.0)
        is_above = self.fast.value > self.slow.value
        turned, self.was_above = is_above != self.was_above, is_above
        close = float(bar.close)
        if self.held:
            favour = 1 if self.held > 0 else -1
            self._manage(close, float(bar.high if favour > 0 else bar.low), favour)
        elif turned and self.seen >= rules.SETTLED and self.adx.value >= rules.LEAST_ADX:
            self._look(close, 1 if is_above else -1)

    def _look(self, close: float, favour: int) -> None:
        strength = 100 * self.strength.value
        if rules.RSI_FROM <= (strength if favour > 0 else 100 - strength) <= rules.RSI_TO:
            self.risk = rules.STOP_ATRS * self.atr.value
            self.trail = rules.TRAIL_ATRS * self.atr.value
            self.at = rules.nearer(close - favour * self.risk, favour)
            self.at_market(favour * rules.RICH_UNITS)

    def _manage(self, close: float, best: float, favour: int) -> None:
        units = abs(self.held)
        done = rules.done_of(units)
        stop = rules.moved_stop(self.at, self.entry, close, self.trail, favour, done)
        if stop != self.at:
            self.at = stop
            self.modify_order(self.guard, trigger_price=Price(stop, 2))
        gained = (best - self.entry) * favour
        reached = sum(gained >= times * self.risk for times, _ in rules.RUNGS)
        if reached > done:
            part = rules.part_of(units, done, reached, math.floor)
            self.at_market(-favour * int(part), reduces=True)

    def on_order_filled(self, event: Any) -> None:
        was_flat = not self.held
        super().on_order_filled(event)
        if was_flat:
            self.entry = float(event.last_px)
            side = OrderSide.SELL if self.held > 0 else OrderSide.BUY
            quantity = Quantity.from_int(abs(self.held))
            self.guard = self.order_factory.stop_market(
                NAME, side, quantity, trigger_price=Price(self.at, 2), reduce_only=True
            )
            self.submit_order(self.guard)
        elif self.held and self.guard.is_open:
            self.modify_order(self.guard, quantity=Quantity.from_int(abs(self.held)))


def prepare(strategy: str, candles: Candles) -> Prepared:
    names = ("open", "high", "low", "close", "volume")
    frame = pd.DataFrame(
        {name: getattr(candles, name) for name in names},
        index=pd.to_datetime(candles.close_times, unit="s", utc=True),
    )
    # Volumes in whole units, at least those of one order.
    frame["volume"] = frame["volume"].round().clip(lower=rules.RICH_UNITS * 10)
    bars = BarDataWrangler(BARS, INSTRUMENT).process(frame)

    def run() -> Sequence[Fill]:
        silent = LoggingConfig(bypass_logging=True)
        engine = BacktestEngine(BacktestEngineConfig(logging=silent))
        engine.add_venue(
            VENUE, OmsType.NETTING, AccountType.MARGIN, [Money(CASH, USDT)],
            base_currency=USDT, reject_stop_orders=False,
        )  # fmt: skip
        engine.add_instrument(INSTRUMENT)
        engine.add_data(bars)
        asked = Rich() if strategy == "rich" else Crossing()
        engine.add_strategy(asked)
        engine.run()
        fills = asked.fills
        engine.dispose()
        return fills

    return Prepared(run, told)


def told(found: Sequence[Fill]) -> Sequence[Trade]:
    return trades_of(found)


if __name__ == "__main__":
    main(prepare)
