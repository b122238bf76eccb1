"""The market as APEX reads it."""

from collections.abc import Sequence
from functools import cached_property
from typing import TypeVar

from trading.candles import CandleSeries, FloatArray
from trading.indicators import (
    Indicator,
    adx_simple,
    atr_simple,
    ema_from_first,
    macd_from_first,
    rsi_simple,
    vwap,
)
from trading.indicators.contract import are_whole
from trading.strategies.apex.parameters import LOOKS_BACK, Shared

Found = TypeVar("Found")


class Reading:
    """Candles and what is computed of them, each when it is first asked for: most closes are judged
    by a part of it. An index `at` is negative, -1 for the last row; columns end with that row, and
    begin where that makes no difference to the rows that are looked at.
    """

    def __init__(self, candles: CandleSeries, parameters: Shared) -> None:
        self.candles = candles
        self.close = candles.close.item(-1)
        self._parameters = parameters
        self._is_whole = are_whole((candles.high, candles.low, candles.close, candles.volume))

    @cached_property
    def fast(self) -> FloatArray:
        return self._average(self._parameters.ema_fast)

    @cached_property
    def middle(self) -> FloatArray:
        return self._average(self._parameters.ema_middle)

    @cached_property
    def slow(self) -> FloatArray:
        return self._average(self._parameters.ema_slow)

    @cached_property
    def vwap(self) -> FloatArray:
        seen = self.candles
        return self._found(vwap, (seen.high, seen.low, seen.close, seen.volume))

    @cached_property
    def rsi(self) -> FloatArray:
        return self._found(rsi_simple, (self.candles.close,), self._parameters.rsi_length)

    @cached_property
    def quick_rsi(self) -> FloatArray:
        return self._found(rsi_simple, (self.candles.close,), self._parameters.rsi_quick)

    @cached_property
    def histogram(self) -> FloatArray:
        by = self._parameters
        lengths = (by.macd_fast, by.macd_slow, by.macd_signal)
        return self._found(macd_from_first, (self.candles.close,), *lengths).histogram

    @cached_property
    def atr(self) -> FloatArray:
        return self._found(atr_simple, self._reach, self._parameters.atr_length)

    @cached_property
    def adx(self) -> FloatArray:
        return self._found(adx_simple, self._reach, self._parameters.adx_length).adx

    @property
    def _reach(self) -> tuple[FloatArray, ...]:
        return (self.candles.high, self.candles.low, self.candles.close)

    def _average(self, length: int) -> FloatArray:
        return self._found(ema_from_first, (self.candles.close,), length)

    def _found(
        self, by: Indicator[..., ..., Found], columns: Sequence[FloatArray], *lengths: int
    ) -> Found:
        """One that forgets is asked for no more than the rows that are looked at."""
        if not self._is_whole:
            return by(*columns, *lengths)
        if by.forgets:
            rows = by.warmup(*lengths) + 1 + LOOKS_BACK
            columns = [column[-rows:] for column in columns]
        return by.of_whole(*columns, *lengths)


def read(candles: CandleSeries, parameters: Shared) -> Reading:
    """Of the last `history` candles and of nothing else: averages and VWAP begin there."""
    return Reading(candles.last(parameters.history), parameters)
