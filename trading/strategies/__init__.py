"""Strategies: closed candles in, signals out. Stateless; they never see positions, money or
people."""

from trading.strategies import donchian_breakout, sma_crossover
from trading.strategies.contract import ParametersNotUsable, Strategy

REGISTRY: dict[str, Strategy] = {
    strategy.code: strategy for strategy in (sma_crossover.STRATEGY, donchian_breakout.STRATEGY)
}

__all__ = ["REGISTRY", "ParametersNotUsable", "Strategy"]
