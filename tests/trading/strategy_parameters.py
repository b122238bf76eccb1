"""Parameters of every strategy, for what all of them promise."""

from collections.abc import Callable

APEX: dict[str, object] = {
    "history": 20, "ema_fast": 2, "ema_middle": 3, "ema_slow": 4, "rsi_length": 3, "macd_fast": 2,
    "macd_slow": 3, "macd_signal": 2, "atr_length": 2, "adx_length": 2, "rsi_quick": 2, "fees": 0,
}  # fmt: skip
# With a short memory.
SMALL: dict[str, dict[str, object]] = {
    "apex_v71": APEX,
    "apex_v72": APEX,
    "sma_crossover": {"fast": 2, "slow": 5},
    "donchian_breakout": {"channel": 4, "exit_channel": 3},
    "momentum_scalping": {"momentum": 2, "burst": 0.0002},
    "trend_riding": {"fast": 2, "slow": 4, "adx_length": 2},
    "volatility_capture": {"atr_length": 3, "expansion": 1},
    "momentum_swing": {"momentum": 3, "rise": 0.001, "average": 4},
    "mean_reversion": {"length": 5, "deviations": 1},
    "etf_rotation": {"momentum": 3, "average": 4},
}
# Parameters that remember `length` candles.
OF_LENGTH: dict[str, Callable[[int], dict[str, object]]] = {
    "apex_v71": lambda length: {**APEX, "history": max(length, 20)},
    "apex_v72": lambda length: {**APEX, "history": max(length, 20)},
    "sma_crossover": lambda length: {"fast": length // 3 + 1, "slow": length},
    "donchian_breakout": lambda length: {"exit_channel": length // 3 + 1, "channel": length},
    "momentum_scalping": lambda length: {"momentum": length, "burst": 0.0002},
    "trend_riding": lambda length: {"fast": length // 3 + 1, "slow": length, "adx_length": 3},
    "volatility_capture": lambda length: {"atr_length": length, "expansion": 1},
    "momentum_swing": lambda length: {"momentum": length, "average": length, "rise": 0.001},
    "mean_reversion": lambda length: {"length": length, "deviations": 1},
    "etf_rotation": lambda length: {"momentum": length, "average": length},
}
