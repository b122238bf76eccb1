"""A backtest of a candle file: nothing of it touches the database."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import numpy as np

from apps.common.errors import Refused
from apps.market.services.candle_files import CandleFile
from apps.market.services.importing import assumed_rules, good_rows, timeframe_named
from apps.research.services.terms import built_in, parsed_parameters
from trading.backtest import Market
from trading.candle_checks import MICROSECOND
from trading.candle_history import CandleHistory, ExactColumn
from trading.candles import CandleSeries, Timeframe
from trading.strategies import Strategy


def market_of_file(path: Path, *, symbol: str, timeframe: str, now: datetime) -> Market:
    """The file as the history of an instrument whose increments are those of its prices.

    Raises BadRowsFound and Refused as importing the file does.
    """
    length = timeframe_named(timeframe)
    file, _ = good_rows(path, length, closed_by=now, skip_bad=False)
    rules = assumed_rules(file, symbol)
    return Market(rules, _candles(file, length), _series(file, symbol, length))


def strategy_named(code: str, given: Mapping[str, str]) -> tuple[Strategy, object]:
    """The built-in strategy and its parameters. Raises Refused UNKNOWN_STRATEGY,
    PARAMETERS_NOT_USABLE."""
    strategy = built_in(code)
    try:
        values = {name: float(text) for name, text in given.items()}
    except ValueError as error:
        raise Refused("PARAMETERS_NOT_USABLE", f"A parameter is a number: {error}.") from error
    return strategy, parsed_parameters(strategy, values)


def _candles(file: CandleFile, length: Timeframe) -> CandleHistory:
    opens = file.rows.open_times
    texts = ([(text or "0").strip() for text in column] for column in file.texts)
    columns = (ExactColumn.of_texts(column) for column in texts)
    return CandleHistory(opens, opens + length.duration // MICROSECOND, *columns)


def _series(file: CandleFile, symbol: str, length: Timeframe) -> CandleSeries:
    rows = file.rows
    closes = rows.open_times // 1_000_000 + length.minutes * 60
    return CandleSeries(
        symbol, length, closes.astype(np.int64), rows.open, rows.high, rows.low, rows.close,
        rows.volume,
    )  # fmt: skip
