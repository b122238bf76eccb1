"""Indicators: columns in, columns of the same length out (see `contract.Indicator`).

TA-Lib computes what it defines as we do. Where a rule differs (`_simple`, `_from_first`, flat
markets, days), the code is ours and its docstring says how. No length has a default: the parameters
of a strategy say it.
"""

from trading.indicators.averages import ema, ema_from_first, sma, wma
from trading.indicators.contract import Indicator
from trading.indicators.direction import Direction, adx, adx_simple
from trading.indicators.momentum import (
    Macd,
    Stochastic,
    macd,
    macd_from_first,
    roc,
    rsi,
    rsi_simple,
    stochastic,
)
from trading.indicators.ranges import (
    Bands,
    atr,
    atr_simple,
    bollinger,
    donchian,
    realised_volatility,
    standard_deviation,
    true_range,
)
from trading.indicators.volume import obv, vwap, vwap_of_day

__all__ = [
    "Bands",
    "Direction",
    "Indicator",
    "Macd",
    "Stochastic",
    "adx",
    "adx_simple",
    "atr",
    "atr_simple",
    "bollinger",
    "donchian",
    "ema",
    "ema_from_first",
    "macd",
    "macd_from_first",
    "obv",
    "realised_volatility",
    "roc",
    "rsi",
    "rsi_simple",
    "sma",
    "standard_deviation",
    "stochastic",
    "true_range",
    "vwap",
    "vwap_of_day",
    "wma",
]
