"""The crossover, and RICH, as freqtrade's users write them."""

import math
from datetime import datetime
from typing import Any

import talib
from freqtrade.persistence import Order, Trade
from freqtrade.strategy import IStrategy, stoploss_from_absolute

from benchmarks.peers import rules

Frame = Any  # of pandas, which has no types here


class Plain(IStrategy):  # type: ignore[misc]
    """Long and short, so many units each time, nothing but what the strategy says."""

    INTERFACE_VERSION = 3
    timeframe = "1m"
    can_short = True
    stoploss = -0.99
    minimal_roi: dict[str, float] = {}
    startup_candle_count = 0
    order_types = dict.fromkeys(("entry", "exit", "stoploss"), "market") | {
        "stoploss_on_exchange": False
    }
    units = rules.UNITS

    def custom_stake_amount(self, current_rate: float, **_: Any) -> float:
        return self.units * current_rate

    def populate_exit_trend(self, dataframe: Frame, metadata: dict[str, Any]) -> Frame:
        return dataframe


class Crossing(Plain):
    def populate_indicators(self, dataframe: Frame, metadata: dict[str, Any]) -> Frame:
        dataframe["fast"] = talib.SMA(dataframe["close"], rules.FAST)
        dataframe["slow"] = talib.SMA(dataframe["close"], rules.SLOW)
        return dataframe

    def populate_entry_trend(self, dataframe: Frame, metadata: dict[str, Any]) -> Frame:
        fast, slow = dataframe["fast"], dataframe["slow"]
        known = slow.shift(1).notna()
        above, below = fast - slow > rules.SAME, slow - fast > rules.SAME
        up = known & above & ~above.shift(1, fill_value=False)
        down = known & below & ~below.shift(1, fill_value=False)
        dataframe.loc[up, ["enter_long", "exit_short"]] = 1
        dataframe.loc[down, ["enter_short", "exit_long"]] = 1
        return dataframe


class Rich(Plain):
    units = rules.RICH_UNITS
    use_custom_stoploss = True
    position_adjustment_enable = True
    left_at: datetime | None = None
    stop = risk = trail = 0.0

    def populate_indicators(self, dataframe: Frame, metadata: dict[str, Any]) -> Frame:
        high, low, close = (dataframe[name].to_numpy() for name in ("high", "low", "close"))
        found = rules.rich(talib, high, low, close)
        for name, column in found._asdict().items():
            dataframe[name] = column
        return dataframe

    def populate_entry_trend(self, dataframe: Frame, metadata: dict[str, Any]) -> Frame:
        dataframe.loc[dataframe["long"], "enter_long"] = 1
        dataframe.loc[dataframe["short"], "enter_short"] = 1
        return dataframe

    def confirm_trade_entry(self, current_time: datetime, **_: Any) -> bool:
        """Not at the open of the candle in which the position before was left: it was held then."""
        return current_time != self.left_at

    def order_filled(self, trade: Trade, order: Order, current_time: datetime, **_: Any) -> None:
        if order.ft_order_side == trade.exit_side:
            self.left_at = current_time
            return
        favour, seen = (-1 if trade.is_short else 1), self._seen(trade.pair)
        self.risk, self.trail = seen["risk"], seen["trail"]
        self.stop = rules.nearer(seen["close"] - favour * self.risk, favour)

    def custom_stoploss(
        self, pair: str, trade: Trade, current_time: datetime, current_rate: float,
        current_profit: float, after_fill: bool, **_: Any,  # noqa: FBT001 - theirs
    ) -> float | None:  # fmt: skip
        # After a part was sold it would apply our fraction of that price to the entry's.
        if after_fill and trade.nr_of_successful_exits:
            return None
        # It rounds to the tick towards the market: from half a tick beyond, so to this one.
        aim = self.stop + (rules.TICK / 2 if trade.is_short else -rules.TICK / 2)
        stop: float = stoploss_from_absolute(aim, current_rate, is_short=trade.is_short)
        return stop

    def adjust_trade_position(self, trade: Trade, current_time: datetime, **_: Any) -> float | None:
        """At the open of each candle, of which nothing else is known: what the close before
        decides."""
        if trade.open_date_utc == current_time:
            return None
        favour, seen = (-1 if trade.is_short else 1), self._seen(trade.pair)
        units = round(trade.amount)
        done, entry = rules.done_of(units), trade.open_rate
        self.stop = rules.moved_stop(self.stop, entry, seen["close"], self.trail, favour, done)
        gained = ((seen["low"] if trade.is_short else seen["high"]) - entry) * favour
        reached = sum(gained >= times * self.risk for times, _ in rules.RUNGS)
        if reached <= done:
            return None
        part: float = rules.part_of(units, done, reached, math.floor)
        less: float = -trade.stake_amount * part / units
        return less

    def _seen(self, pair: str) -> Any:
        """The last candle that has closed, with its columns."""
        return self.dp.get_analyzed_dataframe(pair, self.timeframe)[0].iloc[-1]
