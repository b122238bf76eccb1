"""backtesting.py, by hand what RICH is: its stops are its own, its ladder closes parts of a
trade."""

import math
import warnings
from collections.abc import Sequence
from typing import Any

import pandas as pd
import talib
from backtesting import Backtest, Strategy
from backtesting.test import SMA

from benchmarks.peers import rules
from benchmarks.peers.running import Candles, Fill, Prepared, Trade, main, trades_of


class Crossing(Strategy):  # type: ignore[misc]
    def init(self) -> None:
        self.fast = self.I(SMA, self.data.Close, rules.FAST)
        self.slow = self.I(SMA, self.data.Close, rules.SLOW)

    def next(self) -> None:
        if _crosses(self.fast, self.slow, rules.SAME):
            self.position.close()
            self.buy(size=rules.UNITS)
        elif _crosses(self.slow, self.fast, rules.SAME):
            self.position.close()
            self.sell(size=rules.UNITS)


class Rich(Strategy):  # type: ignore[misc]
    def init(self) -> None:
        data = (self.data.High, self.data.Low, self.data.Close)
        self.fast = self.I(talib.EMA, self.data.Close, rules.RICH_FAST)
        self.slow = self.I(talib.EMA, self.data.Close, rules.RICH_SLOW)
        self.strength = self.I(talib.RSI, self.data.Close, rules.LENGTH)
        self.trend = self.I(talib.ADX, *data, rules.LENGTH)
        self.atr = self.I(talib.ATR, *data, rules.LENGTH)
        self.risk = self.trail = 0.0

    def next(self) -> None:
        if self.trades:
            self._manage(self.trades[0])
        elif len(self.data) >= rules.SETTLED and self.trend[-1] >= rules.LEAST_ADX:
            self._look()

    def _look(self) -> None:
        strength = self.strength[-1]
        if _crosses(self.fast, self.slow) and rules.RSI_FROM <= strength <= rules.RSI_TO:
            self._enter(1)
        elif _crosses(self.slow, self.fast) and rules.RSI_FROM <= 100 - strength <= rules.RSI_TO:
            self._enter(-1)

    def _enter(self, favour: int) -> None:
        self.risk = rules.STOP_ATRS * self.atr[-1]
        self.trail = rules.TRAIL_ATRS * self.atr[-1]
        stop = rules.nearer(self.data.Close[-1] - favour * self.risk, favour)
        (self.buy if favour > 0 else self.sell)(size=rules.RICH_UNITS, sl=stop)

    def _manage(self, trade: Any) -> None:
        favour, units = (1 if trade.is_long else -1), abs(trade.size)
        done = rules.done_of(units)
        best = self.data.High[-1] if favour > 0 else self.data.Low[-1]
        gained = (best - trade.entry_price) * favour
        reached = sum(gained >= times * self.risk for times, _ in rules.RUNGS)
        stop = rules.moved_stop(
            trade.sl, trade.entry_price, self.data.Close[-1], self.trail, favour, done
        )
        if stop != trade.sl:  # first, or it would stand before the exit at market
            trade.sl = stop
        if reached > done:
            trade.close(rules.part_of(units, done, reached, math.floor) / units)


def _crosses(over: Any, under: Any, same: float = 0) -> bool:
    """From not above to above; the library's own takes no average that was equal in between."""
    before, now = over[-2] - under[-2], over[-1] - under[-1]
    return bool(now > same >= before)


def prepare(strategy: str, candles: Candles) -> Prepared:
    frame = pd.DataFrame(
        {name.title(): getattr(candles, name) for name in ("open", "high", "low", "close")}
        | {"Volume": candles.volume},
        index=pd.to_datetime(candles.close_times - 60, unit="s"),
    )
    asked = Rich if strategy == "rich" else Crossing
    tested = Backtest(
        frame, asked, cash=rules.CASH, commission=rules.FEE, finalize_trades=False
    )  # fmt: skip

    def run() -> Any:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # its own: of open trades, and of a newer pandas
            return tested.run()

    return Prepared(run, told)


def told(found: Any) -> Sequence[Trade]:
    fills = []
    rows = found._trades  # noqa: SLF001 - where it tells them
    for entered, parts in rows.sort_values(["EntryBar", "ExitBar"]).groupby("EntryBar"):
        fills.append(Fill(entered, parts.Size.sum(), parts.EntryPrice.iloc[0]))
        fills += [
            Fill(left, -size, price)
            for left, size, price in zip(parts.ExitBar, parts.Size, parts.ExitPrice, strict=True)
        ]
    return trades_of(fills)


if __name__ == "__main__":
    main(prepare)
