"""What kind of market it is: of the whole market (six classes), of one instrument (seven)."""

from trading.regime.classifier import (
    NOT_APPLICABLE,
    RULES,
    Inputs,
    Reading,
    Regime,
    Standing,
    classify,
    follow,
)
from trading.regime.measures import (
    LEAST_CANDLES,
    TIMEFRAME,
    WINDOW,
    momentum,
    most_candles,
    volatility,
)

__all__ = [
    "LEAST_CANDLES",
    "NOT_APPLICABLE",
    "RULES",
    "TIMEFRAME",
    "WINDOW",
    "Inputs",
    "Reading",
    "Regime",
    "Standing",
    "classify",
    "follow",
    "momentum",
    "most_candles",
    "volatility",
]
