"""freqtrade: its own backtesting on a frame of ours, with futures, or it could not sell short.

What it would ask an exchange for (markets, precision) is written here: nothing is asked over a
network, and there is no funding. Timed is what it does with a strategy: indicators, signals and
trades.
"""

import logging
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from freqtrade.configuration import TimeRange
from freqtrade.enums import RunMode
from freqtrade.exchange.binance import Binance
from freqtrade.optimize.backtesting import Backtesting

from benchmarks.peers import freqtrade_strategies, rules
from benchmarks.peers.running import Candles, Prepared, Trade, main

PAIR = "BTC/USDT:USDT"
LIMITS = ("amount", "price", "cost", "leverage")
MARKET = {
    "id": "BTCUSDT", "symbol": PAIR, "base": "BTC", "quote": "USDT", "settle": "USDT",
    "type": "swap", "active": True, "swap": True, "spot": False, "margin": False, "future": False,
    "option": False, "contract": True, "linear": True, "inverse": False, "contractSize": 1,
    "maker": rules.FEE, "taker": rules.FEE, "info": {},
    "precision": {"price": rules.TICK, "amount": 1e-8},
    "limits": {name: {"min": None, "max": None} for name in LIMITS},
}  # fmt: skip
CLASSES = {"sma": "Crossing", "rich": "Rich"}


class Offline(Binance):  # type: ignore[misc]
    """Knows one market and asks nobody."""

    def reload_markets(self, *_: Any, **__: Any) -> None:
        self._markets = {PAIR: MARKET}
        self.fill_leverage_tiers()


def prepare(strategy: str, candles: Candles) -> Prepared:
    logging.disable(logging.WARNING)
    config = config_of(strategy)
    tested = Backtesting(config, Offline(config, validate=False, load_leverage_tiers=True))
    tested.progress = None
    tested.futures_data = {PAIR: pd.DataFrame()}
    tested.funding_fee_timeframe_secs = 8 * 3600
    [asked] = tested.strategylist
    frame = pd.DataFrame(
        {"date": pd.to_datetime(candles.close_times - 60, unit="s", utc=True)}
        | {name: getattr(candles, name) for name in ("open", "high", "low", "close", "volume")}
    )
    begins = int(candles.close_times[0]) - 60

    def run() -> Any:
        tested.backtest_one_strategy(asked, {PAIR: frame}, TimeRange())
        return tested.all_bt_content[asked.get_strategy_name()]["results"]

    return Prepared(run, lambda found: told(found, begins))


def config_of(strategy: str) -> dict[str, Any]:
    folder = Path(tempfile.gettempdir())
    pricing = {"price_side": "other", "use_order_book": False}
    return {
        "runmode": RunMode.BACKTEST, "dry_run": True, "dry_run_wallet": rules.CASH,
        "trading_mode": "futures", "margin_mode": "isolated", "stake_currency": "USDT",
        "stake_amount": "unlimited", "max_open_trades": 1, "fee": rules.FEE, "timeframe": "1m",
        "exchange": {"name": "binance", "pair_whitelist": [PAIR], "pair_blacklist": []},
        "pairlists": [{"method": "StaticPairList"}],
        "entry_pricing": pricing, "exit_pricing": pricing,
        "strategy": CLASSES[strategy], "strategy_path": str(Path(freqtrade_strategies.__path__[0])),
        "user_data_dir": folder, "datadir": folder, "dataformat_ohlcv": "feather",
        "export": "none", "position_stacking": False,
    }  # fmt: skip


def told(found: pd.DataFrame, begins: int) -> Sequence[Trade]:
    """A position that is open at the end is closed by force: that is no trade of the strategy."""
    return [
        Trade(
            _candle(row.open_date, begins), _candle(row.close_date, begins),
            -1 if row.is_short else 1, float(row.open_rate), _left_at(row.orders, row.is_short),
            str(row.exit_reason),
        )
        for row in found.itertuples()
        if row.exit_reason != "force_exit"
    ]  # fmt: skip


def _left_at(orders: Any, is_short: bool) -> float:  # noqa: FBT001 - theirs
    """The average price of what left; `open_rate` is that of what entered."""
    side = "buy" if is_short else "sell"
    left = [each for each in orders if each["ft_order_side"] == side]
    paid = sum(each["amount"] * each["safe_price"] for each in left)
    return float(paid / sum(each["amount"] for each in left))


def _candle(moment: Any, begins: int) -> int:
    return (int(moment.timestamp()) - begins) // 60


if __name__ == "__main__":
    main(prepare)
