"""The conditions of an entry, each alone. `favour` is 1 for a long and -1 for a short, whose
conditions are the mirror; `at` is the row that is judged.
"""

from trading.candles import CandleSeries
from trading.signals import Direction
from trading.strategies.apex.bands import Bands
from trading.strategies.apex.parameters import Shared
from trading.strategies.apex.reading import Reading
from trading.strategies.crossing import SAME, crosses_above, crosses_below

_SAME_STRENGTH = 1e-9  # points: what is less apart is the rounding of floats

_LONG_WICK, _WICK_OF_RANGE = 2, 0.6
_VOLUME_HELD = 0.6


def score(reading: Reading, at: int, direction: Direction, bands: Bands, parameters: Shared) -> int:
    """How many conditions speak for it: of five, or with `dual_rsi` of six."""
    favour = 1 if direction is Direction.LONG else -1
    band = bands.of(direction)
    in_band = band.holds(float(reading.rsi[at]))
    return sum(
        (
            pulls_back(reading, at, parameters.pullback),
            in_band and strength_turns(reading, at, favour),
            candle_turns(reading.candles, at, favour),
            histogram_turns(reading, at, favour),
            volume_holds(reading.candles, at),
            bool(parameters.dual_rsi) and in_band and quick_leads(reading, at, favour),
        )
    )


def pulls_back(reading: Reading, at: int, near: float) -> bool:
    """The close is nearer than `near` to the middle average or to the VWAP."""
    close = reading.candles.close[at]
    return any(abs(close - line[at]) < near * line[at] for line in (reading.middle, reading.vwap))


def strength_turns(reading: Reading, at: int, favour: int) -> bool:
    """The RSI moves the right way."""
    return bool((reading.rsi[at] - reading.rsi[at - 1]) * favour > _SAME_STRENGTH)


def candle_turns(candles: CandleSeries, at: int, favour: int) -> bool:
    """It engulfs an opposite candle before it, or is a hammer (of a short: a shooting star)."""
    return engulfs(candles, at, favour) or is_hammer(candles, at, favour)


def engulfs(candles: CandleSeries, at: int, favour: int) -> bool:
    opened, closed = candles.open[at] * favour, candles.close[at] * favour
    opened_before, closed_before = candles.open[at - 1] * favour, candles.close[at - 1] * favour
    is_turn = closed_before < opened_before and closed > opened
    return bool(is_turn and closed > opened_before and opened < closed_before)


def is_hammer(candles: CandleSeries, at: int, favour: int) -> bool:
    """A candle the right way whose wick on the other side is most of it."""
    opened = candles.open[at]
    body = (candles.close[at] - opened) * favour
    wick = opened - candles.low[at] if favour > 0 else candles.high[at] - opened
    reach = candles.high[at] - candles.low[at]
    return bool(body > 0 and wick > _LONG_WICK * body and wick > _WICK_OF_RANGE * reach)


def histogram_turns(reading: Reading, at: int, favour: int) -> bool:
    """MACD's histogram moves the right way."""
    move = (reading.histogram[at] - reading.histogram[at - 1]) * favour
    return bool(move > reading.candles.close[at] * SAME)


def volume_holds(candles: CandleSeries, at: int) -> bool:
    """Not much less is traded than in the two candles before."""
    return bool(candles.volume[at] >= _VOLUME_HELD * candles.volume[at - 2 : at].mean())


def quick_leads(reading: Reading, at: int, favour: int) -> bool:
    """The quick RSI leads the RSI: the dual RSI. A cross is the first candle of it."""
    return bool((reading.quick_rsi[at] - reading.rsi[at]) * favour > _SAME_STRENGTH)


def averages_cross(reading: Reading, direction: Direction) -> bool:
    """With the last candle the fast average has crossed the middle one against the position."""
    fast, middle = ([float(line[at]) for at in (-2, -1)] for line in (reading.fast, reading.middle))
    crosses = crosses_below if direction is Direction.LONG else crosses_above
    return crosses(*fast, *middle)
