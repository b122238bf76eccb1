"""When nothing is entered, whatever the score: too little is traded, or there is no trend."""

import numpy as np

from trading.candles import CandleSeries
from trading.signals import Direction
from trading.strategies.apex.reading import Reading

_MANY, _FEW = 20, 5  # candles of which a mean volume is taken, the last included


def trend(
    reading: Reading, *, min_adx: float, volume_threshold: float, volume_min: float
) -> Direction | None:
    """The direction in which may be entered."""
    directions = ((Direction.LONG, 1), (Direction.SHORT, -1))
    into = next((each for each, favour in directions if _all_agree(reading, favour)), None)
    # What costs most comes last.
    if into is None or not is_traded(reading.candles, _FEW, volume_threshold):
        return None
    if not is_traded(reading.candles, _MANY, volume_min):
        return None
    return into if reading.adx.item(-1) > min_adx else None


def is_traded(candles: CandleSeries, length: int, least: float) -> bool:
    """Whether the last volume reaches `least` of the mean. Of no volume at all nothing is known."""
    volumes = candles.volume[-length:]
    mean = float(np.add.reduce(volumes)) / len(volumes)  # as mean() does it, which begins slowly
    return mean > 0 and candles.volume.item(-1) >= least * mean


def _all_agree(reading: Reading, favour: int) -> bool:
    fast, middle = reading.fast.item(-1), reading.middle.item(-1)
    return (
        (fast - middle) * favour > 0
        and (reading.close - reading.vwap.item(-1)) * favour > 0
        and (middle - reading.slow.item(-1)) * favour > 0
        and reading.histogram.item(-1) * favour > 0
    )
