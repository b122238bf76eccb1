"""What kind of market its instrument was in when each trade was entered."""

from collections.abc import Iterable, Sequence

from trading.backtest.settings import Market
from trading.performance.breakdown import UNKNOWN_REGIME
from trading.performance.trips import Trip
from trading.regime.history import class_at, classes


def regimes_at_entry(trades: Iterable[Trip], markets: Sequence[Market]) -> dict[Trip, str]:
    """By the candles that the strategy looks at and that had closed by the entry, none later; a
    trade whose market was not known then is "unknown"."""
    histories = {market.rules.symbol: market.series for market in markets}
    entered = list(trades)
    found = {symbol: classes(histories[symbol]) for symbol in {each.symbol for each in entered}}
    named = {}
    for trade in entered:
        seconds = int(trade.entry_time.timestamp())
        regime = class_at(histories[trade.symbol], found[trade.symbol], seconds)
        named[trade] = UNKNOWN_REGIME if regime is None else regime.value
    return named
