"""Strategies: closed candles in, signals out. Stateless; they never see positions, money or
people."""

from trading.strategies import (
    apex_v71,
    apex_v72,
    donchian_breakout,
    etf_rotation,
    mean_reversion,
    momentum_scalping,
    momentum_swing,
    sma_crossover,
    trend_riding,
    volatility_capture,
)
from trading.strategies.contract import ParametersNotUsable, Strategy

REGISTRY: dict[str, Strategy] = {
    module.STRATEGY.code: module.STRATEGY
    for module in (
        sma_crossover,
        donchian_breakout,
        apex_v71,
        apex_v72,
        momentum_scalping,
        trend_riding,
        volatility_capture,
        momentum_swing,
        mean_reversion,
        etf_rotation,
    )
}

__all__ = ["REGISTRY", "ParametersNotUsable", "Strategy"]
