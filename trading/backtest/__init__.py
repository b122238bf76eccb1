"""Backtests: histories through the same functions that trade for people."""

from trading.backtest.engine import backtest
from trading.backtest.settings import DecisionRow, Market, Result, Settings, Sizing

__all__ = ["DecisionRow", "Market", "Result", "Settings", "Sizing", "backtest"]
