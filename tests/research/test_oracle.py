"""Trade by trade the same as `backtesting`, an engine that others wrote, on the real prices that it
ships: GOOG by the day and EUR/USD by the hour.

What the two mean differently, and how it is switched off here: we round prices and quantities to
the instrument's increments (made very small), one order takes at most a tenth of a candle's volume
(`participation=None`), a size is found from the close with a buffer (fixed here), and a position
that is open at the end stays open (`finalize_trades=False`).
"""

import warnings
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from backtesting import Backtest, Strategy
from backtesting.lib import crossover
from backtesting.test import EURUSD, GOOG, SMA

from trading.backtest import Market, Settings, Sizing, backtest
from trading.candles import Candle, CandleSeries, Timeframe
from trading.gates.values import Limits
from trading.instruments import AssetClass, InstrumentRules, InstrumentStatus
from trading.performance.trips import Trip
from trading.strategies import REGISTRY

FRAMES = {"GOOG": (GOOG, Timeframe.D1), "EURUSD": (EURUSD, Timeframe.H1)}
TINY = Decimal("0.0000000001")
UNITS = 10
FAST, SLOW = 10, 20


def market(name: str) -> Market:
    frame, length = FRAMES[name]
    rules = InstrumentRules(
        symbol=name, base=name, quote="USD", asset_class=AssetClass.EQUITY, price_increment=TINY,
        quantity_increment=TINY, min_quantity=TINY, min_notional=TINY, maker_fee=Decimal("0.002"),
        taker_fee=Decimal("0.002"), is_shortable=True, status=InstrumentStatus.TRADING,
    )  # fmt: skip
    opens = [time.to_pydatetime() for time in frame.index.tz_localize("UTC")]
    columns = [frame[name].to_numpy(dtype=np.float64) for name in frame.columns]
    candles = [
        Candle(opened, opened + length.duration, *(Decimal(repr(float(value))) for value in row))
        for opened, *row in zip(opens, *columns, strict=True)
    ]
    closes = np.array([int(candle.close_time.timestamp()) for candle in candles])
    return Market(rules, candles, CandleSeries(name, length, closes, *columns))


def ours(name: str, *, stop: float, target: float) -> list[Trip]:
    strategy = REGISTRY["sma_crossover"]
    parameters = strategy.parse(
        {"fast": FAST, "slow": SLOW, "stop_loss": stop, "take_profit": target}
    )
    limits = Limits(
        capital=Decimal(10**9), risk_per_trade=Decimal(1), leverage=Decimal(1), max_positions=1,
        max_daily_loss=Decimal(10**6), warmup_candles=strategy.warmup(parameters),
    )  # fmt: skip
    settings = Settings(
        strategy, parameters, Decimal(10**6), "USD", limits, sizing=Sizing.FIXED,
        fixed_quantity=Decimal(UNITS), participation=None,
    )  # fmt: skip
    return list(backtest(settings, [market(name)]).trades)


class Crossing(Strategy):  # type: ignore[misc]
    """The same rule in its words."""

    stop = 0.0
    target = 0.0

    def init(self) -> None:
        self.fast = self.I(SMA, self.data.Close, FAST)
        self.slow = self.I(SMA, self.data.Close, SLOW)

    def next(self) -> None:
        price = self.data.Close[-1]
        if crossover(self.fast, self.slow):
            self.position.close()
            self.buy(size=UNITS, **self._exits(price, 1))
        elif crossover(self.slow, self.fast):
            self.position.close()
            self.sell(size=UNITS, **self._exits(price, -1))

    def _exits(self, price: float, favour: int) -> dict[str, float]:
        if not self.stop:
            return {}
        return {
            "sl": price * (1 - favour * self.stop),
            "tp": price * (1 + favour * self.target),
        }


def theirs(name: str, *, stop: float, target: float) -> Any:
    frame, _ = FRAMES[name]
    tested = Backtest(frame, Crossing, cash=10**6, commission=0.002, finalize_trades=False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its own: of open trades, and of a newer pandas
        found: Any = tested.run(stop=stop, target=target)
    return found._trades.sort_values(["ExitTime", "EntryTime"])


@pytest.mark.parametrize(
    ("name", "stop", "target"),
    [("GOOG", 0, 0), ("EURUSD", 0, 0), ("GOOG", 0.03, 0.05), ("EURUSD", 0.002, 0.003)],
)
def test_the_trades_are_those_of_an_engine_that_others_wrote(
    name: str, stop: float, target: float
) -> None:
    made, expected = ours(name, stop=stop, target=target), theirs(name, stop=stop, target=target)

    assert len(made) > 40
    assert [_told(trade) for trade in made] == [
        (
            entered.to_pydatetime(), left.to_pydatetime(),
            "long" if size > 0 else "short", pytest.approx(entry, rel=1e-9),
            pytest.approx(leaving, rel=1e-9), pytest.approx(pnl, abs=1e-6),
        )
        for entered, left, size, entry, leaving, pnl in zip(
            expected.EntryTime.dt.tz_localize("UTC"), expected.ExitTime.dt.tz_localize("UTC"),
            expected.Size, expected.EntryPrice, expected.ExitPrice, expected.PnL, strict=True,
        )
    ]  # fmt: skip


def _told(trade: Trip) -> tuple[object, ...]:
    return (
        trade.entry_time, trade.exit_time, trade.direction, float(trade.entry_price),
        float(trade.exit_price), float(trade.pnl),
    )  # fmt: skip
