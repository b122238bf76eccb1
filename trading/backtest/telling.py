"""Round trips as a report tells them."""

from collections.abc import Sequence

import numpy as np

from trading.backtest.book import Closed
from trading.backtest.settings import Market
from trading.candle_history import CandleHistory, microseconds
from trading.excursions import excursions
from trading.performance.trips import Trip


def trade_rows(closed: Sequence[Closed], markets: Sequence[Market]) -> list[Trip]:
    """By the time at which they closed."""
    return [_row(item, markets[item.instrument]) for item in closed]


def _row(item: Closed, market: Market) -> Trip:
    trip = item.trip
    seen = _between(market.history, item)
    went = excursions(
        trip.direction,
        trip.quantity,
        trip.entry_price,
        market.history.low.part(seen).least(),
        market.history.high.part(seen).most(),
    )
    return Trip(
        symbol=market.rules.symbol,
        direction=trip.direction.value,
        quantity=trip.quantity,
        entry_time=trip.opened_at,
        entry_price=trip.entry_price,
        exit_time=trip.closed_at,
        exit_price=trip.exit_price,
        fees=trip.fees,
        funding=trip.funding,
        pnl=trip.pnl,
        exit_reason=item.reason.value,
        mae=went.mae,
        mfe=went.mfe,
    )


def _between(candles: CandleHistory, item: Closed) -> slice:
    """From the candle that opened the trade to the one that closed it, both included: a fill is
    dated by the open of its candle."""
    fills = [microseconds(item.trip.opened_at), microseconds(item.trip.closed_at)]
    first, last = np.searchsorted(candles.open_times, fills)
    return slice(first, last + 1)
