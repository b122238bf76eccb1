"""Strategies: closed candles in, signals out. Stateless; they never see positions, money or
people."""

from trading.strategies import apex_v71, apex_v72, donchian_breakout, sma_crossover
from trading.strategies.contract import ParametersNotUsable, Strategy

REGISTRY: dict[str, Strategy] = {
    module.STRATEGY.code: module.STRATEGY
    for module in (sma_crossover, donchian_breakout, apex_v71, apex_v72)
}

__all__ = ["REGISTRY", "ParametersNotUsable", "Strategy"]
