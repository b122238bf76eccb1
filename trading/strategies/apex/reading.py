"""The market as APEX reads it."""

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

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


class _Once(Generic[Found]):
    """A property that is computed when first asked for: functools' takes a lock at that, which is
    a part of the time that a reading takes."""

    def __init__(self, compute: Callable[["Reading"], Found]) -> None:
        self._compute = compute

    def __get__(self, reading: "Reading", owner: type["Reading"]) -> Found:
        found = reading.__dict__[self._compute.__name__] = self._compute(reading)
        return found


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

    @_Once
    def fast(self) -> FloatArray:
        return self._found(ema_from_first, (self.candles.close,), self._parameters.ema_fast)

    @_Once
    def middle(self) -> FloatArray:
        return self._found(ema_from_first, (self.candles.close,), self._parameters.ema_middle)

    @_Once
    def slow(self) -> FloatArray:
        return self._found(ema_from_first, (self.candles.close,), self._parameters.ema_slow)

    @_Once
    def vwap(self) -> FloatArray:
        seen = self.candles
        return self._found(vwap, (seen.high, seen.low, seen.close, seen.volume))

    @_Once
    def rsi(self) -> FloatArray:
        return self._found(rsi_simple, (self.candles.close,), self._parameters.rsi_length)

    @_Once
    def quick_rsi(self) -> FloatArray:
        return self._found(rsi_simple, (self.candles.close,), self._parameters.rsi_quick)

    @_Once
    def histogram(self) -> FloatArray:
        by = self._parameters
        lengths = (by.macd_fast, by.macd_slow, by.macd_signal)
        return self._found(macd_from_first, (self.candles.close,), *lengths).histogram

    @_Once
    def atr(self) -> FloatArray:
        return self._found(atr_simple, self._reach, self._parameters.atr_length)

    @_Once
    def adx(self) -> FloatArray:
        return self._found(adx_simple, self._reach, self._parameters.adx_length).adx

    @property
    def _reach(self) -> tuple[FloatArray, ...]:
        return (self.candles.high, self.candles.low, self.candles.close)

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
