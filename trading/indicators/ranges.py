"""How far prices reach."""

from trading.candles import FloatArray
from trading.indicators.contract import checked_length, indicator
from trading.indicators.library import load
from trading.indicators.windows import rolling_mean


def _one_row() -> int:
    return 1


def _moves(length: int) -> int:
    return checked_length("length", length) + 1


def _length(length: int) -> int:
    return checked_length("length", length)


@indicator(columns=3, warmup=_one_row)
def true_range(high: FloatArray, low: FloatArray, close: FloatArray, /) -> FloatArray:
    """The span of the candle and the close before it (TA-Lib's TRANGE). Warm-up: one row, whose
    range is its high less its low; TA-Lib leaves that row out.
    """
    span: FloatArray = load().TRANGE(high, low, close)
    span[:1] = high[:1] - low[:1]
    return span


@indicator(columns=3, warmup=_moves)
def atr(high: FloatArray, low: FloatArray, close: FloatArray, /, length: int) -> FloatArray:
    """Wilder's average of the true range (TA-Lib's ATR). Warm-up: `length` + 1 rows, because the
    first row, which has no close before it, does not count.
    """
    answer: FloatArray = load().ATR(high, low, close, length)
    return answer


@indicator(columns=3, warmup=_length)
def atr_simple(high: FloatArray, low: FloatArray, close: FloatArray, /, length: int) -> FloatArray:
    """The simple mean of the last `length` true ranges, as APEX has it; the first row counts with
    its high less its low. Warm-up: `length` rows. TA-Lib has only Wilder's.
    """
    return rolling_mean(true_range(high, low, close), length)
