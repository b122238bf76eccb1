"""Indicators: columns in, columns of the same length out (see `contract.Indicator`).

TA-Lib computes what it defines as we do. Where a rule differs (`_simple`, `_from_first`, flat
markets, days), the code is ours and its docstring says how. No length has a default: the parameters
of a strategy say it.
"""

from trading.indicators.averages import ema, ema_from_first, sma, wma
from trading.indicators.contract import Indicator
from trading.indicators.direction import Direction, adx, adx_simple
from trading.indicators.momentum import Macd, macd, macd_from_first, rsi, rsi_simple
from trading.indicators.ranges import atr, atr_simple, true_range
from trading.indicators.volume import vwap, vwap_of_day

__all__ = [
    "Direction",
    "Indicator",
    "Macd",
    "adx",
    "adx_simple",
    "atr",
    "atr_simple",
    "ema",
    "ema_from_first",
    "macd",
    "macd_from_first",
    "rsi",
    "rsi_simple",
    "sma",
    "true_range",
    "vwap",
    "vwap_of_day",
    "wma",
]
