"""What is known of the market: its clocks, its candles."""

from apps.market.selectors.candles import (
    candles_closing_at,
    extremes,
    last_candle,
    last_closes,
    late_arrivals,
    next_stored_close,
    unmet_late_candles,
)
from apps.market.selectors.clocks import (
    acting_at,
    finest,
    instruments,
    is_fed,
    live_venues,
    market_now,
    simulated_clocks,
    time_at,
    venue_feed,
    wall_clock_venues,
)
from apps.market.selectors.histories import (
    ChartBar,
    Span,
    history,
    ohlc_for_chart,
    series,
    spans,
    whole_series,
)
from apps.market.selectors.prices import Priced, is_fresh, latest_prices, priced

__all__ = [
    "ChartBar",
    "Priced",
    "Span",
    "acting_at",
    "candles_closing_at",
    "extremes",
    "finest",
    "history",
    "instruments",
    "is_fed",
    "is_fresh",
    "last_candle",
    "last_closes",
    "late_arrivals",
    "latest_prices",
    "live_venues",
    "market_now",
    "next_stored_close",
    "ohlc_for_chart",
    "priced",
    "series",
    "simulated_clocks",
    "spans",
    "time_at",
    "unmet_late_candles",
    "venue_feed",
    "wall_clock_venues",
    "whole_series",
]
