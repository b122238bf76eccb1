"""The volatility of one instrument at each candle of a history, as asking at each gives it."""

from dataclasses import dataclass

from trading.candles import CandleSeries, FloatArray, Timeframe
from trading.regime.measures import LEAST_CANDLES, PERIOD, most_candles, percentile, realised

# Of short candles a whole year is too much to read while everybody waits for a decision.
MOST_CANDLES = 10_000


def most_looked_at(timeframe: Timeframe) -> int:
    """How many candles a decision looks back upon."""
    return min(most_candles(timeframe), MOST_CANDLES)


@dataclass(frozen=True, slots=True)
class Volatilities:
    """`realised` at each candle from the 21st on; `most` candles are in the window."""

    realised: FloatArray
    most: int

    @classmethod
    def of(cls, candles: CandleSeries) -> "Volatilities":
        return cls(realised(candles.close), most_looked_at(candles.timeframe))

    @property
    def is_ever_known(self) -> bool:
        """Of the longest candles a year has too few."""
        return self.most >= LEAST_CANDLES

    def after(self, candles: int) -> float | None:
        """The percentile by the first so many candles of the history; None where it is not known
        (`measures.volatility` of the window that they end)."""
        window = min(candles, self.most)
        if window < LEAST_CANDLES:
            return None
        return percentile(self.realised[candles - window : candles - PERIOD])
