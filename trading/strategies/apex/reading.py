"""The market as APEX reads it."""

from dataclasses import dataclass

from trading.candles import CandleSeries, FloatArray
from trading.indicators import (
    adx_simple,
    atr_simple,
    ema_from_first,
    macd_from_first,
    rsi_simple,
    vwap,
)
from trading.strategies.apex.parameters import Shared


@dataclass(frozen=True, slots=True)
class Reading:
    """Candles and, row by row, what was computed of them; an index `at` is -1 for the last."""

    candles: CandleSeries
    fast: FloatArray
    middle: FloatArray
    slow: FloatArray
    vwap: FloatArray
    rsi: FloatArray
    quick_rsi: FloatArray
    histogram: FloatArray
    atr: FloatArray
    adx: FloatArray

    @property
    def close(self) -> float:
        return float(self.candles.close[-1])


def read(candles: CandleSeries, parameters: Shared) -> Reading:
    """Of the last `history` candles and of nothing else: averages and VWAP begin there."""
    seen = candles.last(parameters.history)
    high, low, close = seen.high, seen.low, seen.close
    macd = macd_from_first(
        close, parameters.macd_fast, parameters.macd_slow, parameters.macd_signal
    )
    return Reading(
        candles=seen,
        fast=ema_from_first(close, parameters.ema_fast),
        middle=ema_from_first(close, parameters.ema_middle),
        slow=ema_from_first(close, parameters.ema_slow),
        vwap=vwap(high, low, close, seen.volume),
        rsi=rsi_simple(close, parameters.rsi_length),
        quick_rsi=rsi_simple(close, parameters.rsi_quick),
        histogram=macd.histogram,
        atr=atr_simple(high, low, close, parameters.atr_length),
        adx=adx_simple(high, low, close, parameters.adx_length).adx,
    )
