from apps.market.models.candles import Candle, CandleCursor, CandleRevision, LateCandle
from apps.market.models.feeds import Feed, MarketClock, VenueFeed
from apps.market.models.instruments import FundingRate, Instrument
from apps.market.models.quality import CandleGap, CandleOutlier, CandleQuality
from apps.market.models.regimes import AllocationSnapshot, RegimeSnapshot
from apps.market.models.timeframes import TIMEFRAMES

__all__ = [
    "TIMEFRAMES",
    "AllocationSnapshot",
    "Candle",
    "CandleCursor",
    "CandleGap",
    "CandleOutlier",
    "CandleQuality",
    "CandleRevision",
    "Feed",
    "FundingRate",
    "Instrument",
    "LateCandle",
    "MarketClock",
    "RegimeSnapshot",
    "VenueFeed",
]
