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
    if not reading.adx[-1] > min_adx:
        return None
    for direction, favour in ((Direction.LONG, 1), (Direction.SHORT, -1)):
        if _all_agree(reading, favour):
            return direction
    return None


def is_traded(candles: CandleSeries, length: int, least: float) -> bool:
    """Whether the last volume reaches `least` of the mean. Of no volume at all nothing is known."""
    mean = candles.volume[-length:].mean()
    return bool(mean > 0 and candles.volume[-1] >= least * mean)


def _all_agree(reading: Reading, favour: int) -> bool:
    ordered = [reading.fast[-1], reading.middle[-1], reading.slow[-1]]
    return bool(
        (reading.close - reading.vwap[-1]) * favour > 0
        and (ordered[0] - ordered[1]) * favour > 0
        and (ordered[1] - ordered[2]) * favour > 0
        and reading.histogram[-1] * favour > 0
    )
