"""When nothing is entered, whatever the score: too little is traded, or there is no trend."""

from trading.candles import CandleSeries
from trading.signals import Direction
from trading.strategies.apex.reading import Reading

_MANY, _FEW = 20, 5  # candles of which a mean volume is taken, the last included


def trend(
    reading: Reading, *, min_adx: float, volume_threshold: float, volume_min: float
) -> Direction | None:
    """The direction in which may be entered."""
    if not is_traded(reading.candles, _MANY, volume_min):
        return None
    if not is_traded(reading.candles, _FEW, volume_threshold):
        return None
    for direction, favour in ((Direction.LONG, 1), (Direction.SHORT, -1)):
        if _all_agree(reading, favour):
            return direction if reading.adx.item(-1) > min_adx else None  # costs the most
    return None


def is_traded(candles: CandleSeries, length: int, least: float) -> bool:
    """Whether the last volume reaches `least` of the mean. Of no volume at all nothing is known."""
    mean = float(candles.volume[-length:].mean())
    return mean > 0 and candles.volume.item(-1) >= least * mean


def _all_agree(reading: Reading, favour: int) -> bool:
    fast, middle = reading.fast.item(-1), reading.middle.item(-1)
    return (
        (fast - middle) * favour > 0
        and (reading.close - reading.vwap.item(-1)) * favour > 0
        and (middle - reading.slow.item(-1)) * favour > 0
        and reading.histogram.item(-1) * favour > 0
    )
