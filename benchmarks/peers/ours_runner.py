"""Ours: `python -m benchmarks.peers.ours_runner ENGINE CANDLES STRATEGY ROUNDS SECONDS`."""

import sys
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from benchmarks.backtests import rich
from benchmarks.peers.rules import CASH, FAST, FEE, RICH_UNITS, SLOW, TICK, UNITS
from benchmarks.peers.running import Candles, CannotRun, Prepared, Trade, main
from trading.backtest import Market, Result, Settings, Sizing, backtest
from trading.candle_checks import MICROSECOND
from trading.candle_history import CandleHistory, ExactColumn
from trading.candles import CandleSeries, Timeframe
from trading.compiled import NotExpressible, run
from trading.gates.values import Limits
from trading.instruments import AssetClass, InstrumentRules, InstrumentStatus
from trading.strategies import REGISTRY

# Each takes Settings and Markets, and gives a Result.
ENGINES = {"event": backtest, "compiled": run}
SIDES = {"long": 1, "short": -1}
MINUTE = timedelta(minutes=1)


def prepare(engine: str, strategy: str, candles: Candles) -> Prepared:
    chosen, market = ENGINES[engine], market_of(candles)
    settings = settings_of(strategy)
    begins = int(market.candles[0].open_time.timestamp())

    def told(result: Result) -> Sequence[Trade]:
        return [
            Trade(
                _candle(trade.entry_time, begins), _candle(trade.exit_time, begins),
                SIDES[trade.direction], float(trade.entry_price), float(trade.exit_price),
                trade.exit_reason,
            )
            for trade in result.trades
        ]  # fmt: skip

    def passed() -> Result:
        try:
            return chosen(settings, [market])
        except NotExpressible as why:
            raise CannotRun(str(why)) from why

    return Prepared(passed, told)


def settings_of(strategy: str) -> Settings:
    if strategy == "rich":
        chosen, units, parameters = rich.STRATEGY, RICH_UNITS, rich.Parameters()
    else:
        chosen, units = REGISTRY["sma_crossover"], UNITS
        parameters = chosen.parse({"fast": FAST, "slow": SLOW, "stop_loss": 0, "take_profit": 0})
    limits = Limits(
        capital=Decimal(CASH), risk_per_trade=Decimal(1), leverage=Decimal(1), max_positions=1,
        max_daily_loss=Decimal(10**6), warmup_candles=chosen.warmup(parameters),
    )  # fmt: skip
    return Settings(
        chosen, parameters, Decimal(CASH), "USD", limits, sizing=Sizing.FIXED,
        fixed_quantity=Decimal(units), participation=None,
    )  # fmt: skip


def market_of(candles: Candles) -> Market:
    fee, tick = Decimal(str(FEE)), Decimal(str(TICK))
    rules = InstrumentRules(
        symbol="BTC-USD", base="BTC", quote="USD", asset_class=AssetClass.CRYPTO,
        price_increment=tick, quantity_increment=Decimal(1), min_quantity=Decimal(1),
        min_notional=Decimal(1), maker_fee=fee, taker_fee=fee, is_shortable=True,
        status=InstrumentStatus.TRADING,
    )  # fmt: skip
    columns = [candles.open, candles.high, candles.low, candles.close, candles.volume]
    series = CandleSeries("BTC-USD", Timeframe.M1, candles.close_times, *columns)
    return Market(rules, _exact(candles), series)


def _exact(candles: Candles) -> CandleHistory:
    prices = (candles.open, candles.high, candles.low, candles.close)
    columns = [ExactColumn.of_floats(column) for column in (*prices, candles.volume)]
    closes = candles.close_times * 1_000_000
    return CandleHistory(closes - MINUTE // MICROSECOND, closes, *columns)


def _candle(moment: Any, begins: int) -> int:
    return (int(moment.timestamp()) - begins) // 60


if __name__ == "__main__":
    main(partial(prepare, sys.argv.pop(1)))
