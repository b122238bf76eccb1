"""What is known of the market: its clocks, its candles."""

from apps.market.selectors.candles import (
    candles_closing_at,
    extremes,
    last_candle,
    last_closes,
    late_arrivals,
    latest_prices,
    next_stored_close,
)
from apps.market.selectors.clocks import (
    finest,
    instruments,
    is_fed,
    live_venues,
    market_now,
    simulated_clocks,
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

__all__ = [
    "ChartBar",
    "Span",
    "candles_closing_at",
    "extremes",
    "finest",
    "history",
    "instruments",
    "is_fed",
    "last_candle",
    "last_closes",
    "late_arrivals",
    "latest_prices",
    "live_venues",
    "market_now",
    "next_stored_close",
    "ohlc_for_chart",
    "series",
    "simulated_clocks",
    "spans",
    "venue_feed",
    "wall_clock_venues",
    "whole_series",
]
