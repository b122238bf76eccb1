"""The conditions of an entry, each alone. `favour` is 1 for a long and -1 for a short, whose
conditions are the mirror; `at` is the row that is judged.
"""

from collections.abc import Iterator

from trading.candles import CandleSeries
from trading.signals import Direction
from trading.strategies.apex.bands import Bands
from trading.strategies.apex.parameters import Shared
from trading.strategies.apex.reading import Reading
from trading.strategies.crossing import SAME, crosses_above, crosses_below

_SAME_STRENGTH = 1e-9  # points: what is less apart is the rounding of floats

_LONG_WICK, _WICK_OF_RANGE = 2, 0.6
_VOLUME_HELD = 0.6
_MANY = 5  # conditions, and one more with the dual RSI


def score(reading: Reading, at: int, direction: Direction, bands: Bands, parameters: Shared) -> int:
    """How many conditions speak for it: of five, or with `dual_rsi` of six."""
    return sum(_each(reading, at, direction, bands, parameters))


def reaches(
    least: int, reading: Reading, at: int, direction: Direction, bands: Bands, parameters: Shared
) -> bool:
    """Whether the score is at least that, found out with as few conditions as it takes."""
    left = _MANY + bool(parameters.dual_rsi)
    for holds in _each(reading, at, direction, bands, parameters):
        left -= 1
        least -= holds
        if least <= 0 or least > left:
            break
    return least <= 0


def _each(
    reading: Reading, at: int, direction: Direction, bands: Bands, parameters: Shared
) -> Iterator[bool]:
    """The cheapest first."""
    favour = 1 if direction is Direction.LONG else -1
    yield volume_holds(reading.candles, at)
    yield candle_turns(reading.candles, at, favour)
    yield pulls_back(reading, at, parameters.pullback)
    yield histogram_turns(reading, at, favour)
    in_band = bands.of(direction).holds(reading.rsi.item(at))
    yield in_band and strength_turns(reading, at, favour)
    if parameters.dual_rsi:
        yield in_band and quick_leads(reading, at, favour)


def pulls_back(reading: Reading, at: int, near: float) -> bool:
    """The close is nearer than `near` to the middle average or to the VWAP."""
    close = reading.candles.close.item(at)
    return _is_near(close, reading.middle.item(at), near) or _is_near(
        close, reading.vwap.item(at), near
    )


def _is_near(close: float, line: float, near: float) -> bool:
    return abs(close - line) < near * line


def strength_turns(reading: Reading, at: int, favour: int) -> bool:
    """The RSI moves the right way."""
    return (reading.rsi.item(at) - reading.rsi.item(at - 1)) * favour > _SAME_STRENGTH


def candle_turns(candles: CandleSeries, at: int, favour: int) -> bool:
    """It engulfs an opposite candle before it, or is a hammer (of a short: a shooting star)."""
    return engulfs(candles, at, favour) or is_hammer(candles, at, favour)


def engulfs(candles: CandleSeries, at: int, favour: int) -> bool:
    opened, closed = candles.open.item(at) * favour, candles.close.item(at) * favour
    if closed <= opened:
        return False
    opened_before = candles.open.item(at - 1) * favour
    closed_before = candles.close.item(at - 1) * favour
    return opened < closed_before < opened_before < closed


def is_hammer(candles: CandleSeries, at: int, favour: int) -> bool:
    """A candle the right way whose wick on the other side is most of it."""
    opened = candles.open.item(at)
    body = (candles.close.item(at) - opened) * favour
    if not body > 0:
        return False
    high, low = candles.high.item(at), candles.low.item(at)
    wick = opened - low if favour > 0 else high - opened
    return wick > _LONG_WICK * body and wick > _WICK_OF_RANGE * (high - low)


def histogram_turns(reading: Reading, at: int, favour: int) -> bool:
    """MACD's histogram moves the right way."""
    move = (reading.histogram.item(at) - reading.histogram.item(at - 1)) * favour
    return move > reading.candles.close.item(at) * SAME


def volume_holds(candles: CandleSeries, at: int) -> bool:
    """Not much less is traded than in the two candles before."""
    volume = candles.volume.item
    return volume(at) >= _VOLUME_HELD * ((volume(at - 2) + volume(at - 1)) / 2)


def quick_leads(reading: Reading, at: int, favour: int) -> bool:
    """The quick RSI leads the RSI: the dual RSI. A cross is the first candle of it."""
    return (reading.quick_rsi.item(at) - reading.rsi.item(at)) * favour > _SAME_STRENGTH


def averages_cross(reading: Reading, direction: Direction) -> bool:
    """With the last candle the fast average has crossed the middle one against the position."""
    fast, middle = reading.fast, reading.middle
    crosses = crosses_below if direction is Direction.LONG else crosses_above
    return crosses(fast.item(-2), fast.item(-1), middle.item(-2), middle.item(-1))
